//! The identity of a patient: it exists in the clear only between the door and the seal.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use domain::refusal::{Reason, Refusal};
use domain::world::{Newcomer, Sealed};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error};

use super::Gate;
use crate::trust::keys::Keys;
use crate::trust::sm3::to_text;

/// Kind of certificate in look-ups: resident identity card (psnCertType 01).
const ID_CARD: &str = "01";
const LAST_FOUR: &str = "01-last-four";
/// The table and columns that sealed bytes are bound to.
pub const TABLE: &str = "prescription";
pub const IDENTITY: &str = "sealed_identity";
pub const DOCUMENT: &str = "sealed_document";

/// Number of a resident identity card: 17 digits and a digit or X, one spelling for one person, so that a year's cap cannot
/// start anew under another. Printed nowhere.
#[derive(Clone)]
pub struct IdNumber(Box<str>);

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("17 digits and a digit or X, as on the identity card")]
pub struct NotAnIdNumber;

impl FromStr for IdNumber {
    type Err = NotAnIdNumber;
    fn from_str(text: &str) -> Result<IdNumber, NotAnIdNumber> {
        let number = text.trim().to_ascii_uppercase();
        let (body, last) = number.split_at_checked(17).ok_or(NotAnIdNumber)?;
        let digits = body.bytes().all(|b| b.is_ascii_digit());
        let ends = matches!(last.as_bytes(), [b'0'..=b'9' | b'X']);
        (digits && ends).then(|| IdNumber(number.into())).ok_or(NotAnIdNumber)
    }
}
impl<'de> Deserialize<'de> for IdNumber {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<IdNumber, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdNumber(…)")
    }
}
impl IdNumber {
    /// What registers and events may hold of somebody who acts for a patient: the keyed hash as text.
    pub fn pseudonym(&self, keys: &Keys) -> Box<str> {
        to_text(&keys.identity_index(ID_CARD, &self.0)).into()
    }
    /// What the store may know of a person.
    pub fn newcomer(&self, keys: &Keys) -> Newcomer {
        Newcomer {
            identity_hash: keys.identity_index(ID_CARD, &self.0).into(),
            last_four_hash: last_four_hash(keys, last_four(&self.0)),
        }
    }
    pub fn into_inner(self) -> Box<str> {
        self.0
    }
}

/// Name and certificate number as the hospital sent them. Printed nowhere.
#[derive(Clone, Serialize)]
pub struct Identity {
    pub name: Box<str>,
    pub id_number: Box<str>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

impl Identity {
    /// What the store may know: keyed hashes.
    pub fn newcomer(&self, keys: &Keys) -> Newcomer {
        IdNumber(self.id_number.clone()).newcomer(keys)
    }
}

/// The keyed hash of the last four characters of a certificate number, the patient's second factor.
pub fn last_four_hash(keys: &Keys, last_four: &str) -> Box<[u8]> {
    keys.identity_index(LAST_FOUR, last_four).into()
}

fn last_four(number: &str) -> &str {
    let cut = number.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    number.get(cut..).unwrap_or(number)
}

impl Gate {
    /// Seals identity and document under a data key of their own.
    pub(super) fn seal(
        &self,
        identity: &Identity,
        document: &[u8],
    ) -> Result<Arc<Sealed>, Refusal> {
        let plain = serde_json::to_vec(identity).map_err(|_| Reason::Internal)?;
        let record = self.randomness.bytes::<8>().map(i64::from_be_bytes).map_err(no_randomness)?;
        let fields = [(IDENTITY, plain.as_slice()), (DOCUMENT, document)];
        let sealed = self.sealer.seal_record(TABLE, record, &fields).map_err(no_randomness)?;
        let mut fields = sealed.fields.into_iter();
        let (Some(identity), Some(document)) = (fields.next(), fields.next()) else {
            return Err(Reason::Internal.into());
        };
        Ok(Arc::new(Sealed { record, wrapped_key: sealed.wrapped_key, identity, document }))
    }
}

fn no_randomness(fault: impl fmt::Display) -> Refusal {
    tracing::error!(%fault, "cannot seal");
    Reason::Internal.into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_four_characters_are_taken_whatever_the_length() {
        assert_eq!(super::last_four("99010119700101001X"), "001X");
        assert_eq!(super::last_four("1X"), "1X");
    }
}
