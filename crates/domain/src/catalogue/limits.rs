//! Limits that the insurance administration publishes for codes and names: for children only, for
//! one sex, days of a course, level of institution and the like.
//!
//! Serves RX-17, CAT-10, CAT-13. Knows what is limited, not what follows: most results are
//! "suspected" only. Limits by the first 12 characters of a code come from a compilation, not from
//! the publication itself: see `LimitSource`.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::fault::Fault;
use super::manifest::TableEntry;
use super::names;
use super::sheet::{Row, for_each_row};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    Age,
    Sex,
    Course,
    InstitutionLevel,
    VisitType,
    InsuranceType,
    Specialty,
    Diagnosis,
    TherapyLine,
}

/// To what it is limited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitValue {
    ChildOnly,
    Male,
    Female,
    /// At most so many days.
    Days(u16),
    /// Institutions of this level and above (2 or 3).
    Level(u8),
    Inpatient,
    WorkInjury,
    Maternity,
    /// Only from this line of therapy on (1 to 3).
    Line(u8),
    /// One of these words must occur in the diagnosis, or in the name of the department.
    AnyOf(Arc<[Box<str>]>),
}

/// Where a limit was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitSource {
    /// The published list names the whole code.
    Code,
    /// A compilation names the first 11 or 12 characters of the code.
    Prefix,
    /// The published list names the generic name.
    Name,
}

#[derive(Clone, Debug, Serialize)]
pub struct Limit {
    pub kind: LimitKind,
    pub value: LimitValue,
    /// The words of the source: `儿童`.
    pub raw: Arc<str>,
    /// Batch of the publication, from 1.
    pub batch: Option<u8>,
    /// The passage of the label or list that the publication gives as its ground.
    pub basis: Option<Arc<str>>,
    pub source: LimitSource,
}

/// Limits by name and by prefix of the code.
#[derive(Debug, Default)]
pub(super) struct Limits {
    pub by_name: HashMap<Box<str>, Vec<Limit>>,
    pub by_prefix: HashMap<Box<str>, Vec<Limit>>,
}

const KINDS: &[(&str, LimitKind)] = &[
    ("age", LimitKind::Age),
    ("sex", LimitKind::Sex),
    ("course", LimitKind::Course),
    ("institution_level", LimitKind::InstitutionLevel),
    ("visit_type", LimitKind::VisitType),
    ("insurance_type", LimitKind::InsuranceType),
    ("specialty", LimitKind::Specialty),
    ("diagnosis", LimitKind::Diagnosis),
    ("therapy_line", LimitKind::TherapyLine),
];

fn value(kind: LimitKind, raw: &str) -> Option<LimitValue> {
    use {LimitKind as K, LimitValue as V};
    Some(match (kind, raw) {
        (K::Age, "儿童") => V::ChildOnly,
        (K::Sex, "女") => V::Female,
        (K::Sex, "男") => V::Male,
        (K::Course, days) => V::Days(days.strip_suffix('天')?.parse().ok().filter(|d| *d > 0)?),
        (K::InstitutionLevel, "二级") => V::Level(2),
        (K::InstitutionLevel, "三级") => V::Level(3),
        (K::VisitType, "住院") => V::Inpatient,
        (K::InsuranceType, "工伤") => V::WorkInjury,
        (K::InsuranceType, "生育") => V::Maternity,
        (K::TherapyLine, "一线") => V::Line(1),
        (K::TherapyLine, "二线") => V::Line(2),
        (K::TherapyLine, "三线") => V::Line(3),
        (K::Diagnosis | K::Specialty, words) => {
            let words: Vec<Box<str>> = words.split('|').map(|w| w.trim().into()).collect();
            if words.iter().any(|word| word.is_empty()) {
                return None;
            }
            V::AnyOf(words.into())
        }
        _ => return None,
    })
}

/// Texts that occur many times are kept once.
#[derive(Default)]
pub(super) struct Interner(HashMap<Box<str>, Arc<str>>);

impl Interner {
    pub fn keep(&mut self, text: &str) -> Arc<str> {
        if let Some(kept) = self.0.get(text) {
            return kept.clone();
        }
        let kept: Arc<str> = text.into();
        self.0.insert(text.into(), kept.clone());
        kept
    }
}

/// Reads the cells `limit`, `value` and `batch` of a row.
pub(super) fn read_limit(
    row: &Row<'_>,
    source: LimitSource,
    words: &mut Interner,
    faults: &mut Vec<Fault>,
) -> Option<Limit> {
    let kind = row.one_of("limit", KINDS, faults)?;
    let raw = row.required("value", faults)?;
    let Some(value) = value(kind, raw) else {
        faults.push(row.fault("value", "not a value that this limit can have"));
        return None;
    };
    let batch = row.text("batch");
    let number = batch.parse::<u8>().ok().filter(|n| *n > 0);
    if number.is_none() && !batch.is_empty() {
        faults.push(row.fault("batch", "not a batch: write a number from 1"));
    }
    Some(Limit { kind, value, raw: words.keep(raw), batch: number, basis: None, source })
}

impl Limits {
    /// Reads `rules/limits_by_name.csv`.
    pub fn names(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        let columns = &["generic_name", "limit", "value", "batch", "basis"];
        let mut words = Interner::default();
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let name = row.required("generic_name", faults);
            let limit = read_limit(row, LimitSource::Name, &mut words, faults);
            let (Some(name), Some(mut limit)) = (name, limit) else { return };
            let basis = row.text("basis");
            limit.basis = (!basis.is_empty()).then(|| words.keep(basis));
            add(&mut self.by_name, &names::normal(name), limit);
        });
    }

    /// Reads `rules/limits_by_prefix.csv`.
    pub fn prefixes(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        let mut words = Interner::default();
        for_each_row((&table.file, bytes), &["prefix", "limit", "value"], faults, |row, faults| {
            let prefix = row.required("prefix", faults);
            let limit = read_limit(row, LimitSource::Prefix, &mut words, faults);
            let (Some(prefix), Some(limit)) = (prefix, limit) else { return };
            if !matches!(prefix.len(), 11 | 12)
                || !prefix.bytes().all(|b| b.is_ascii_alphanumeric())
            {
                faults.push(row.fault("prefix", "not the first 11 or 12 characters of a code"));
                return;
            }
            add(&mut self.by_prefix, prefix, limit);
        });
    }

    pub fn of_name(&self, generic_name: &str) -> &[Limit] {
        self.by_name.get(&*names::normal(generic_name)).map_or(&[], Vec::as_slice)
    }

    pub fn of_prefix<'s>(&'s self, code: &str) -> impl Iterator<Item = &'s Limit> + use<'s> {
        let lists = [12, 11].map(|n| code.get(..n).and_then(|head| self.by_prefix.get(head)));
        lists.into_iter().flatten().flatten()
    }
}

fn add(to: &mut HashMap<Box<str>, Vec<Limit>>, key: &str, limit: Limit) {
    let limits = to.entry(key.into()).or_default();
    if !limits.iter().any(|have| have.kind == limit.kind && have.value == limit.value) {
        limits.push(limit);
    }
}
