//! National drug codes and diagnosis codes.
//!
//! Serves CAT-14, RX-07. The public table of national codes is incomplete: a code that is not in it
//! may well exist, so only its format can be refused. Knows no spec, maker or approval number: the
//! table has none.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::Serialize;

use super::fault::Fault;
use super::limits::{Interner, Limit, LimitSource, Limits, read_limit};
use super::manifest::TableEntry;
use super::names;
use super::sheet::for_each_row;

/// What a national drug code stands for, by its first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// 23 characters, X.
    Western,
    /// 20 characters, Z.
    ChinesePatent,
    /// 20 characters, T: dispensing granules.
    Granule,
}

/// Why a text is no national drug code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    #[error("begins with none of X (western), Z (Chinese patent), T (granule)")]
    Letter,
    #[error("must have {expected} characters, has {actual}")]
    Length { expected: usize, actual: usize },
    /// `position` counts from 1.
    #[error("character {position} must be a {}", if *.letter { "capital letter" } else { "digit" })]
    Character { position: usize, letter: bool },
}

/// `A` a capital letter, `9` a digit, `*` either. Western: X, category (A99AA), substance (A999),
/// form (A999), spec (99), pack (99), maker (99999). Chinese patent: Z, category (A99AA), form (A),
/// drug (9999), spec, pack, maker. Observed in all 13,738 public codes. Granules: only letter and
/// length are known.
const WESTERN: &[u8] = b"AA99AAA999A999999999999";
const CHINESE_PATENT: &[u8] = b"AA99AAA9999999999999";
const GRANULE: &[u8] = b"A*******************";

/// Checks the format alone and tells the kind.
pub fn code_format(code: &str) -> Result<CodeKind, CodeFault> {
    let (kind, pattern) = match code.as_bytes().first() {
        Some(b'X') => (CodeKind::Western, WESTERN),
        Some(b'Z') => (CodeKind::ChinesePatent, CHINESE_PATENT),
        Some(b'T') => (CodeKind::Granule, GRANULE),
        _ => return Err(CodeFault::Letter),
    };
    let actual = code.chars().count();
    if actual != pattern.len() {
        return Err(CodeFault::Length { expected: pattern.len(), actual });
    }
    for (at, (c, class)) in code.chars().zip(pattern).enumerate() {
        let fits = match class {
            b'A' => c.is_ascii_uppercase(),
            b'9' => c.is_ascii_digit(),
            _ => c.is_ascii_uppercase() || c.is_ascii_digit(),
        };
        if !fits {
            return Err(CodeFault::Character { position: at + 1, letter: *class == b'A' });
        }
    }
    Ok(kind)
}

/// A national drug code and the limits published for it.
#[derive(Clone, Debug, Serialize)]
pub struct NationalCode {
    pub code: Box<str>,
    pub generic_name: Arc<str>,
    pub kind: CodeKind,
    pub limits: Vec<Limit>,
}

/// A diagnosis of ICD-10 医保版 2.0.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    pub code: Box<str>,
    pub name: Box<str>,
}

// Both are kept in hash sets and found by their code alone.
impl Borrow<str> for NationalCode {
    fn borrow(&self) -> &str {
        &self.code
    }
}
impl Hash for NationalCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (*self.code).hash(state);
    }
}
impl PartialEq for NationalCode {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}
impl Eq for NationalCode {}
impl Borrow<str> for Diagnosis {
    fn borrow(&self) -> &str {
        &self.code
    }
}
impl Hash for Diagnosis {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (*self.code).hash(state);
    }
}
impl PartialEq for Diagnosis {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}
impl Eq for Diagnosis {}

/// A diagnosis code of a prescription, looked up.
#[derive(Clone, Copy, Debug)]
pub enum Diagnosed<'a> {
    /// A code of 医保版 2.0, as it should be.
    Insurance(&'a Diagnosis),
    /// A code of 国临版 2.0 that 医保版 writes otherwise: the diagnosis is meant.
    Clinical {
        written: &'a str,
        meant: &'a Diagnosis,
    },
    Unknown,
}

/// Diagnoses of 医保版, and the codes of 国临版 that differ.
#[derive(Debug, Default)]
pub(super) struct Diagnoses {
    insurance: HashSet<Diagnosis>,
    clinical: HashMap<Box<str>, Box<str>>,
}

impl Diagnoses {
    pub fn insurance(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row((&table.file, bytes), &["code", "name"], faults, |row, faults| {
            let (code, name) = (row.required("code", faults), row.required("name", faults));
            let (Some(code), Some(name)) = (code, name) else { return };
            if !is_diagnosis_code(code) {
                faults.push(row.fault("code", "not a diagnosis code such as A00.000x001"));
            } else if !self.insurance.insert(Diagnosis { code: code.into(), name: name.into() }) {
                faults.push(row.fault("code", "listed twice"));
            }
        });
    }

    /// Refused: a code that is one of 医保版 itself, and one that leads to none.
    pub fn clinical(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row((&table.file, bytes), &["clinical", "insurance"], faults, |row, faults| {
            let clinical = row.required("clinical", faults);
            let insurance = row.required("insurance", faults);
            let (Some(clinical), Some(insurance)) = (clinical, insurance) else { return };
            if self.insurance.contains(clinical) {
                faults.push(row.fault("clinical", "is a code of 医保版 with a meaning of its own"));
            } else if !self.insurance.contains(insurance) {
                faults.push(row.fault("insurance", "is no code of 医保版"));
            } else if self.clinical.insert(clinical.into(), insurance.into()).is_some() {
                faults.push(row.fault("clinical", "listed twice"));
            }
        });
    }

    pub fn get(&self, code: &str) -> Option<&Diagnosis> {
        self.insurance.get(code)
    }
    pub fn find<'a>(&'a self, code: &'a str) -> Diagnosed<'a> {
        if let Some(found) = self.insurance.get(code) {
            return Diagnosed::Insurance(found);
        }
        let meant = self.clinical.get(code).and_then(|meant| self.insurance.get(&**meant));
        meant.map_or(Diagnosed::Unknown, |meant| Diagnosed::Clinical { written: code, meant })
    }
    /// Main codes and manifestations, as a word of a restriction may mean them.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.insurance.iter().flat_map(|diagnosis| diagnosis.code.split('+'))
    }
    /// Diagnoses, and codes of 国临版 that differ.
    pub fn len(&self) -> (usize, usize) {
        (self.insurance.len(), self.clinical.len())
    }
}

/// The public national codes.
#[derive(Debug, Default)]
pub(super) struct Codes(HashSet<NationalCode>);

impl Codes {
    /// Codes with their limits; the ground of a limit is that of the same limit of the same name.
    pub fn read(
        &mut self,
        table: &TableEntry,
        bytes: &[u8],
        limits: &Limits,
        faults: &mut Vec<Fault>,
    ) {
        let mut words = Interner::default();
        let columns = &["code", "generic_name", "limit", "value", "batch"];
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let (code, name) = (row.required("code", faults), row.required("generic_name", faults));
            let limit = read_limit(row, LimitSource::Code, &mut words, faults);
            let (Some(code), Some(name), Some(mut limit)) = (code, name, limit) else { return };
            let kind = match code_format(code) {
                Ok(kind) => kind,
                Err(fault) => return faults.push(row.fault("code", fault.to_string())),
            };
            let is_same = |have: &&Limit| have.kind == limit.kind && have.value == limit.value;
            let same = limits.of_name(name).iter().find(is_same);
            let basis = same.and_then(|named| named.basis.clone());
            let mut entry = self.0.take(code).unwrap_or_else(|| NationalCode {
                code: code.into(),
                generic_name: words.keep(name),
                kind,
                limits: Vec::new(),
            });
            if entry.limits.iter().any(|have| is_same(&have)) {
                faults.push(row.fault("code", "listed twice with the same limit"));
            } else if names::normal(&entry.generic_name) != names::normal(name) {
                faults.push(row.fault("generic_name", "the code has another name above"));
            } else {
                limit.basis = basis;
                entry.limits.push(limit);
            }
            self.0.insert(entry);
        });
    }

    pub fn get(&self, code: &str) -> Option<&NationalCode> {
        self.0.get(code)
    }
    pub fn iter(&self) -> impl Iterator<Item = &NationalCode> {
        self.0.iter()
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Letter, two digits, and an extension; a manifestation after `+` ends with `*`: `A01.002+G01*`.
fn is_diagnosis_code(code: &str) -> bool {
    let (main, manifestation) = code.split_once('+').unwrap_or((code, ""));
    let stem = |text: &str| {
        let mut bytes = text.bytes();
        let head = bytes.next().is_some_and(|b| b.is_ascii_uppercase())
            && bytes.next().is_some_and(|b| b.is_ascii_digit())
            && bytes.next().is_some_and(|b| b.is_ascii_digit());
        head && bytes.all(|b| b.is_ascii_digit() || b == b'.' || b == b'x')
    };
    let tail = manifestation.is_empty() || manifestation.strip_suffix('*').is_some_and(stem);
    stem(main) && tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_of_a_code_is_told_from_its_letter_and_length() {
        let length = |expected, actual| Err(CodeFault::Length { expected, actual });
        for (code, wanted) in [
            ("XB05BAX215B002010100687", Ok(CodeKind::Western)),
            ("ZA04CAE0023010100166", Ok(CodeKind::ChinesePatent)),
            ("T0012345678901234567", Ok(CodeKind::Granule)),
            ("XB05BAX215B00201010068", length(23, 22)),
            ("ZA04CAE00230101001661", length(20, 21)),
            ("86904180001034", Err(CodeFault::Letter)),
            ("", Err(CodeFault::Letter)),
            ("Xb05BAX215B002010100687", Err(CodeFault::Character { position: 2, letter: true })),
            ("ZA04CAE002301010016O", Err(CodeFault::Character { position: 20, letter: false })),
            ("X药05BAX215B002010100687", Err(CodeFault::Character { position: 2, letter: true })),
        ] {
            assert_eq!(code_format(code), wanted, "{code}");
        }
    }

    #[test]
    fn diagnosis_codes_have_the_national_shape() {
        for code in ["A00.000", "A00.000x001", "A01.002+G01*", "I10.x00"] {
            assert!(is_diagnosis_code(code), "{code}");
        }
        for code in ["", "a00", "A0", "A01+G01", "10.0", "A01.0 "] {
            assert!(!is_diagnosis_code(code), "{code}");
        }
    }
}
