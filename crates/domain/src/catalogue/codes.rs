//! National drug codes and diagnosis codes.
//!
//! Serves CAT-14, RX-07. The public table of national codes is incomplete: a code that is not in it
//! may well exist, so only its format can be refused. Knows no spec, maker or approval number: the
//! table has none.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::Serialize;

use super::limits::Limit;

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

/// Letter, two digits, and an extension; a manifestation after `+` ends with `*`: `A01.002+G01*`.
pub(super) fn is_diagnosis_code(code: &str) -> bool {
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
