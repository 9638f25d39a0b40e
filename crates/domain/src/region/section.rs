//! Reading a policy file table by table: what is taken out is known, what is left is unknown, and
//! every fault is kept with its key path.
//!
//! Knows TOML and figures; knows no single policy.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::figure::{Figure, Shown};

/// One thing wrong in a policy file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct RegionFault {
    /// Key path, such as `rx.valid_days_max.value`; empty: the file as a whole.
    pub path: Box<str>,
    pub message: Box<str>,
}

impl RegionFault {
    pub(super) fn at(path: impl Into<Box<str>>, message: impl Into<Box<str>>) -> RegionFault {
        RegionFault { path: path.into(), message: message.into() }
    }
}

/// What reading found out besides the values.
#[derive(Default)]
pub(super) struct Log {
    pub faults: Vec<RegionFault>,
    pub figures: Vec<Shown>,
}

/// A table of the file; what is read is taken out, so that the rest is known to be unknown.
pub(super) struct Section<'a> {
    path: String,
    entries: Table,
    log: &'a mut Log,
}

/// A figure as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    value: Value,
    source: Option<String>,
    #[serde(default)]
    assumed: bool,
    note: Option<Box<str>>,
}

impl<'a> Section<'a> {
    /// The file as a whole.
    pub fn whole(entries: Table, log: &'a mut Log) -> Section<'a> {
        Section { path: String::new(), entries, log }
    }
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }
    /// Names of what was not taken yet.
    pub fn keys(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
    pub fn fault(&mut self, key: &str, message: impl Into<Box<str>>) {
        let path = self.path_of(key);
        self.log.faults.push(RegionFault::at(path, message));
    }
    fn take(&mut self, key: &str) -> Option<Value> {
        let found = self.entries.remove(key);
        if found.is_none() {
            self.fault(key, "is missing");
        }
        found
    }
    fn convert<T: DeserializeOwned>(&mut self, key: &str, value: Value) -> Option<T> {
        match value.try_into() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(key, error.to_string().trim_end());
                None
            }
        }
    }
    /// A plain value without a source: names, codes and the file's own dates.
    pub fn plain<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.take(key)?;
        self.convert(key, value)
    }
    /// A figure that must be there.
    pub fn figure<T: DeserializeOwned>(&mut self, key: &str) -> Option<Figure<T>> {
        let value = self.take(key)?;
        let written: Written = self.convert(key, value)?;
        let source = written.source.filter(|text| !text.trim().is_empty());
        match (&source, written.assumed) {
            (Some(_), true) => self.fault(key, "has a source and is assumed: only one can be true"),
            (None, false) => self.fault(key, "needs a source, or assumed = true"),
            (None, true) | (Some(_), false) => {}
        }
        self.log.figures.push(Shown {
            path: self.path_of(key).into(),
            value: as_text(&written.value).into(),
            source: source.as_deref().map(Box::from),
            assumed: written.assumed,
            note: written.note,
        });
        let value = self.convert(&format!("{key}.value"), written.value)?;
        Some(Figure { value, source, assumed: written.assumed })
    }
    /// A figure that may be left out: the outer `None` is a fault, the inner one absence.
    #[expect(clippy::option_option, reason = "a fault and absence are two things")]
    pub fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Option<Option<Figure<T>>> {
        if self.has(key) { self.figure(key).map(Some) } else { Some(None) }
    }
    /// A whole number within bounds.
    pub fn count(&mut self, key: &str, range: RangeInclusive<i64>) -> Option<Figure<i64>> {
        let figure = self.figure::<i64>(key)?;
        if !range.contains(&figure.value) {
            let message = format!("must be {} to {}", range.start(), range.end());
            self.fault(&format!("{key}.value"), message);
            return None;
        }
        Some(figure)
    }
    /// A table within this one; every key that `read` leaves is a fault.
    pub fn section<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let entries = self.convert(key, value)?;
        let mut inner = Section { path: self.path_of(key), entries, log: &mut *self.log };
        let read = read(&mut inner);
        inner.finish();
        read
    }
    pub fn finish(mut self) {
        for key in std::mem::take(&mut self.entries).keys() {
            self.fault(key, "is unknown");
        }
    }
}

/// Texts without their quotes, lists with commas.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Datetime(day) => day.to_string(),
        Value::Array(all) => all.iter().map(as_text).collect::<Vec<_>>().join(", "),
        Value::Table(_) => String::new(),
    }
}
