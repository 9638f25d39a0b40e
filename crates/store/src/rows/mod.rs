//! One row per table, with its way to and from the domain beside it.
//!
//! A row holds what the columns hold; nothing here decides anything. A row that cannot be read back is a fault of the
//! database, told as [`Unreadable`].

pub mod circulation;
pub mod command;
pub mod dispensing;
pub mod entry;
pub mod event;
pub mod outbox;
pub mod prescription;
pub mod register;
pub mod settlement;
pub mod view;

use std::fmt;

use diesel::result::Error;
use serde::de::IntoDeserializer;
use serde::de::value::Error as NotAName;
use serde::{Deserialize, Serialize};

/// A stored value that is none of its kind.
#[derive(Debug, thiserror::Error)]
#[error("{what} is stored in a form that cannot be read ({length} bytes)")]
pub struct Unreadable {
    what: &'static str,
    /// The value itself is never told: it may be personal.
    length: usize,
}

impl Unreadable {
    pub fn new(what: &'static str, text: &str) -> Unreadable {
        Unreadable { what, length: text.len() }
    }
}

impl From<Unreadable> for Error {
    fn from(fault: Unreadable) -> Error {
        Error::DeserializationError(Box::new(fault))
    }
}

struct Name<'a, T>(&'a T);

impl<T: Serialize> fmt::Display for Name<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

/// The stored name of an enumeration's value: the one that JSON uses.
pub fn name_of<T: Serialize>(value: &T) -> String {
    Name(value).to_string()
}

/// The value of a stored name.
pub fn named<T: for<'de> Deserialize<'de>>(
    what: &'static str,
    text: &str,
) -> Result<T, Unreadable> {
    let read: Result<T, NotAName> = T::deserialize(text.into_deserializer());
    read.map_err(|_| Unreadable::new(what, text))
}

/// The value of a stored JSON document.
pub fn document<T: for<'de> Deserialize<'de>>(
    what: &'static str,
    text: &str,
) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|_| Unreadable::new(what, text))
}

/// The value of stored text that has a form of its own, such as a day or a trace code.
pub fn text<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, Unreadable> {
    text.parse().map_err(|_| Unreadable::new(what, text))
}

/// A document as stored. Our own types have only text keys, so that writing them cannot fail.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|fault| Error::SerializationError(Box::new(fault)))
}
