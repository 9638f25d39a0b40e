//! `rxgate trust check`: cases that somebody else wrote, each tried with every implementation that is here.
//!
//! A case is a JSON object with `op`, the members of that operation and what is expected; bytes are hexadecimal. What is no
//! case (a member missing or not hexadecimal, a key of another length, an unknown `op`) is a fault of the file and named.
//! A public key that is no point of the curve, or a signature of no known form, is a case like any other: nobody verifies it.

mod answer;
mod question;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use self::answer::Implementations;
use self::question::read;
use super::sm4::NoSm4;

/// What became of a file of cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One per answer that is not the expected one, and one per member that makes no sense.
    pub lines: Vec<String>,
    /// Cases of each operation whose members made sense.
    pub tried: BTreeMap<&'static str, usize>,
    /// Answers of each implementation.
    pub answers: BTreeMap<&'static str, usize>,
    pub cases: usize,
    /// Cases with an answer other than the expected one.
    pub mismatched: usize,
    /// Cases that are none.
    pub malformed: usize,
}

impl Report {
    pub fn is_clean(&self) -> bool {
        self.mismatched + self.malformed == 0
    }
}

impl fmt::Display for Report {
    /// The lines, then the counts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        let listed = |counts: &BTreeMap<&str, usize>| {
            counts
                .iter()
                .map(|(what, count)| format!("{what} {count}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let agreed = self.cases - self.mismatched - self.malformed;
        let Report { cases, mismatched, malformed, .. } = self;
        writeln!(
            f,
            "{cases} cases: {agreed} agree, {mismatched} mismatched, {malformed} malformed"
        )?;
        writeln!(f, "operations: {}", listed(&self.tried))?;
        writeln!(f, "answers: {}", listed(&self.answers))
    }
}

/// Why no case was tried.
#[derive(Debug, thiserror::Error)]
pub enum NoCases {
    #[error("the file is not a JSON array of cases: {0}")]
    NotAnArray(#[from] serde_json::Error),
    #[error(transparent)]
    NoSm4(#[from] NoSm4),
}

/// Tries every case of a JSON array.
pub fn check(json: &str) -> Result<Report, NoCases> {
    let cases: Vec<Value> = serde_json::from_str(json)?;
    let implementations = Implementations::new()?;
    let mut report = Report { cases: cases.len(), ..Report::default() };
    for (case, number) in cases.iter().zip(1..) {
        let op = case.get("op").and_then(Value::as_str).unwrap_or("no op");
        let told = |what: String| format!("case {number} ({op}): {what}");
        match read(case) {
            Err(faults) => {
                report.malformed += 1;
                report.lines.extend(faults.into_iter().map(told));
            }
            Ok(question) => {
                *report.tried.entry(question.op()).or_default() += 1;
                let wrong = implementations.wrong_answers(&question, &mut report.answers);
                report.mismatched += usize::from(!wrong.is_empty());
                report.lines.extend(wrong.into_iter().map(told));
            }
        }
    }
    Ok(report)
}
