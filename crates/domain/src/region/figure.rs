//! One figure of a policy: a value and where it comes from, in the file and as it is shown.
//!
//! Knows no meaning of any value. Serves "every figure with its source or `assumed = true`".

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One figure of a policy and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure<T> {
    pub value: T,
    /// The public text that says so.
    pub source: Option<String>,
    /// No source was found.
    pub assumed: bool,
}

/// A figure as written, for whoever is shown what a decision rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Key path in the file, such as `rx.valid_days_max`.
    pub path: Box<str>,
    pub value: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<str>>,
    pub assumed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl fmt::Display for Shown {
    /// One line: `rx.valid_days_max = 3 (处方管理办法 …)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ground = self.source.as_deref().unwrap_or("假定 assumed");
        write!(f, "{} = {} ({ground})", self.path, self.value)?;
        match &self.note {
            Some(note) => write!(f, "; {note}"),
            None => Ok(()),
        }
    }
}

/// The first day of something that may never come: a date, or `never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Since(pub Option<NaiveDate>);

impl Since {
    pub fn holds_on(self, day: NaiveDate) -> bool {
        self.0.is_some_and(|from| from <= day)
    }
}

impl TryFrom<String> for Since {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Since, Self::Error> {
        if text == "never" {
            return Ok(Since(None));
        }
        let day = text.parse().map_err(|_| "neither a date YYYY-MM-DD nor `never`")?;
        Ok(Since(Some(day)))
    }
}
