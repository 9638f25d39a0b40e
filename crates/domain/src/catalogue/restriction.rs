//! Payment restrictions (限定支付范围): the printed text, and the conditions that a parser found in it.
//!
//! Serves CAT-10, 13. A restriction is a choice of alternatives, each a list of conditions. What the
//! parser did not understand stays in the text and is marked `Rest`: then the text is shown, and
//! nothing is concluded from it. Knows no prescription: whoever asks describes the patient.

mod age;
mod parser;
mod rows;
mod terms;
mod words;
mod written;

use std::sync::Arc;

use serde::Serialize;

pub use parser::{PARSER_VERSION, parse};
pub use rows::table;
pub(super) use rows::{Rows, attach};
pub use terms::Terms;
use written::is_prefix;
pub use written::{read_conditions, written};

use super::item::Knowledge;
use crate::prescription::Sex;

/// 限定支付范围: the printed text; never empty. A text that is not there may still exist, see
/// `Item::restriction_known`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restriction {
    pub text: Box<str>,
    pub known: Knowledge,
    /// What the text was parsed to; `None`: no row of `rules/restrictions.csv` has this text.
    pub conditions: Option<Arc<Conditions>>,
}

/// One thing that a restriction asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Completed years, at least.
    AgeFrom(u8),
    /// Completed years, below.
    AgeBelow(u8),
    Sex(Sex),
    /// Level of the institution, at least: 2 or 3.
    Level(u8),
    /// Line of therapy: 1 to 3.
    Line(u8),
    /// One of the diagnoses begins with one of these. `exhaustive`: all diseases of the alternative
    /// were understood, so that a patient with none of them does not meet it.
    Diagnosis {
        prefixes: Box<[Box<str>]>,
        exhaustive: bool,
    },
    WorkInjury,
    Maternity,
    Inpatient,
    /// First aid and rescue.
    Emergency,
    /// The first prescription is a specialist's.
    SpecialistFirst,
    /// The fund pays for at most so many days.
    Days(u16),
    /// More is asked than was understood: evidence, earlier therapy, findings.
    Rest,
}

/// A restriction as parsed. Any one alternative suffices; all its conditions must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conditions {
    pub alternatives: Vec<Vec<Condition>>,
    pub parser_version: u32,
    /// A person compared the conditions with the text.
    pub reviewed: bool,
}

/// What is known of the person when a restriction is judged.
#[derive(Clone, Copy, Debug)]
pub struct Patient<'a> {
    /// Completed years.
    pub age: i32,
    pub sex: Sex,
    /// ICD-10 医保版 codes.
    pub diagnoses: &'a [Box<str>],
}

/// Why no alternative can be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Contradiction {
    Age,
    Sex,
    Diagnosis,
}

impl Restriction {
    /// Whether age, sex or diagnosis plainly contradict the text: then no alternative can be met,
    /// whatever else is true. `None` proves nothing.
    pub fn plainly_contradicts(&self, patient: &Patient<'_>) -> Option<Contradiction> {
        self.conditions.as_ref()?.contradiction(patient)
    }
    /// Nothing at all was understood: the text is shown verbatim and somebody reads it.
    pub fn is_unparsed(&self) -> bool {
        self.conditions.as_ref().is_none_or(|conditions| conditions.is_empty())
    }
    /// Does an alternative ask for this and nothing else?
    pub fn is_only(&self, condition: &Condition) -> bool {
        let is_it = |one: &Vec<Condition>| matches!(one.as_slice(), [only] if only == condition);
        self.conditions.as_ref().is_some_and(|all| all.alternatives.iter().all(is_it))
    }
}

impl Conditions {
    pub(super) fn contradiction(&self, patient: &Patient<'_>) -> Option<Contradiction> {
        let each = self
            .alternatives
            .iter()
            .map(|all| all.iter().find_map(|condition| condition.contradicted_by(patient)));
        // One alternative that is not contradicted is enough: the whole is then none.
        each.collect::<Option<Vec<_>>>()?.into_iter().min()
    }
    /// No condition but that more is asked.
    pub fn is_empty(&self) -> bool {
        self.alternatives.iter().flatten().all(|condition| *condition == Condition::Rest)
    }
    /// Every word of the text was understood.
    pub fn is_whole(&self) -> bool {
        !self.is_empty() && !self.alternatives.iter().flatten().any(|one| *one == Condition::Rest)
    }
}

impl Condition {
    fn contradicted_by(&self, patient: &Patient<'_>) -> Option<Contradiction> {
        match self {
            Condition::AgeFrom(years) if patient.age < i32::from(*years) => {
                Some(Contradiction::Age)
            }
            Condition::AgeBelow(years) if patient.age >= i32::from(*years) => {
                Some(Contradiction::Age)
            }
            Condition::Sex(sex) if *sex != patient.sex => Some(Contradiction::Sex),
            Condition::Diagnosis { prefixes, exhaustive: true } => {
                let any = patient.diagnoses.iter().any(|code| begins(code, prefixes));
                (!any && !patient.diagnoses.is_empty()).then_some(Contradiction::Diagnosis)
            }
            _ => None,
        }
    }
}

/// A code has a main part and, after `+`, a manifestation: `E11.300+H36.0*`.
fn begins(code: &str, prefixes: &[Box<str>]) -> bool {
    code.split('+').any(|part| prefixes.iter().any(|prefix| part.starts_with(&**prefix)))
}
