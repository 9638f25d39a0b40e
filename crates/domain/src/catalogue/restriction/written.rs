//! Conditions as the file `rules/restrictions.csv` has them, and back.

use std::fmt;

use super::Condition;
use crate::prescription::Sex;

impl fmt::Display for Condition {
    /// As in the file: `age>=18`, `dx C34 C78`, `dx? C34` (not exhaustive), `rest`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::AgeFrom(years) => write!(f, "age>={years}"),
            Condition::AgeBelow(years) => write!(f, "age<{years}"),
            Condition::Sex(Sex::Male) => f.write_str("male"),
            Condition::Sex(Sex::Female) => f.write_str("female"),
            Condition::Level(level) => write!(f, "level>={level}"),
            Condition::Line(line) => write!(f, "line={line}"),
            Condition::Diagnosis { prefixes, exhaustive } => {
                write!(f, "dx{} {}", if *exhaustive { "" } else { "?" }, prefixes.join(" "))
            }
            Condition::WorkInjury => f.write_str("work_injury"),
            Condition::Maternity => f.write_str("maternity"),
            Condition::Inpatient => f.write_str("inpatient"),
            Condition::Emergency => f.write_str("emergency"),
            Condition::SpecialistFirst => f.write_str("specialist_first"),
            Condition::Days(days) => write!(f, "days<={days}"),
            Condition::Rest => f.write_str("rest"),
        }
    }
}

/// Alternatives as in the file: `age>=18; dx C34 | age<18; rest`.
pub fn written(alternatives: &[Vec<Condition>]) -> String {
    let one =
        |all: &Vec<Condition>| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    alternatives.iter().map(one).collect::<Vec<_>>().join(" | ")
}

/// The reverse of [`written`]; the fault names the piece that is no condition.
pub fn read_conditions(text: &str) -> Result<Vec<Vec<Condition>>, String> {
    text.split(" | ").map(|one| one.split("; ").map(read_condition).collect()).collect()
}

fn read_condition(text: &str) -> Result<Condition, String> {
    let fault = || format!("`{text}` is no condition");
    let number = |digits: &str| digits.parse::<u8>().map_err(|_| fault());
    let prefixes = |codes: &str, exhaustive| {
        let prefixes: Box<[Box<str>]> = codes.split(' ').map(Box::from).collect();
        let fits = prefixes.iter().all(|code| is_prefix(code));
        if fits { Ok(Condition::Diagnosis { prefixes, exhaustive }) } else { Err(fault()) }
    };
    Ok(match text {
        "male" => Condition::Sex(Sex::Male),
        "female" => Condition::Sex(Sex::Female),
        "work_injury" => Condition::WorkInjury,
        "maternity" => Condition::Maternity,
        "inpatient" => Condition::Inpatient,
        "emergency" => Condition::Emergency,
        "specialist_first" => Condition::SpecialistFirst,
        "rest" => Condition::Rest,
        _ => {
            if let Some(years) = text.strip_prefix("age>=") {
                Condition::AgeFrom(number(years)?)
            } else if let Some(years) = text.strip_prefix("age<") {
                Condition::AgeBelow(number(years)?)
            } else if let Some(level) = text.strip_prefix("level>=") {
                Condition::Level(number(level)?)
            } else if let Some(line) = text.strip_prefix("line=") {
                Condition::Line(number(line)?)
            } else if let Some(days) = text.strip_prefix("days<=") {
                Condition::Days(days.parse().map_err(|_| fault())?)
            } else if let Some(codes) = text.strip_prefix("dx? ") {
                prefixes(codes, false)?
            } else if let Some(codes) = text.strip_prefix("dx ") {
                prefixes(codes, true)?
            } else {
                return Err(fault());
            }
        }
    })
}

/// The beginning of a diagnosis code: a letter, then digits, `x` and a point.
pub(in super::super) fn is_prefix(code: &str) -> bool {
    let mut bytes = code.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.all(|b| b.is_ascii_digit() || b == b'.' || b == b'x')
}
