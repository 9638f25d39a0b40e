//! What is wrong with a catalogue file, and where. A load collects every fault of every file before
//! it refuses.
//!
//! Knows no file system: a file is a name that the manifest gives. Serves DESIGN §3 "Catalogue"
//! (CAT-04 included).

use std::fmt;

/// One fault. `row` is the line of the file (the header is 1); 0 means the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub file: String,
    pub row: u64,
    pub column: String,
    pub value: String,
    pub message: String,
}

/// Longest piece of a faulty cell that is repeated in the message.
const SHOWN: usize = 40;

impl Fault {
    /// A fault of the file itself.
    pub fn whole(file: &str, message: impl Into<String>) -> Fault {
        Fault::at(file, 0, "", "", message)
    }
    pub fn at(
        file: &str,
        row: u64,
        column: &str,
        value: &str,
        message: impl Into<String>,
    ) -> Fault {
        Fault {
            file: file.to_owned(),
            row,
            column: column.to_owned(),
            value: value.chars().take(SHOWN).filter(|c| !c.is_control()).collect(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    /// One line: `nrdl/2024/drugs.csv:17 class "丙": not a class: write A or B`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.row > 0 {
            write!(f, ":{}", self.row)?;
        }
        if !self.column.is_empty() {
            write!(f, " {} \"{}\"", self.column, self.value)?;
        }
        write!(f, ": {}", self.message.replace(['\n', '\r'], " "))
    }
}
