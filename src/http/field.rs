//! Request members that never fail to parse: each remembers what was wrong with it, so that all faults are answered at once.
//!
//! `serde` alone stops at the first wrong member. A request struct made of [`Field`]s (with `#[serde(default)]`) and one
//! [`Unknown`] collects every fault with its path. Knows nothing of prescriptions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use domain::refusal::{Fault, Reason, Refusal};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny};
use serde_json::value::RawValue;

/// One member of a request: absent, unreadable (with the reason), or read.
#[derive(Clone, Debug, Default)]
pub enum Field<T> {
    #[default]
    Missing,
    Bad(String),
    Good(T),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // Well-formed, and not looked into yet: whatever is wrong with it is this member's fault alone.
        let member = <&RawValue>::deserialize(from)?.get();
        if member == "null" {
            return Ok(Field::Missing);
        }
        Ok(match serde_json::from_str(member) {
            Ok(read) => Field::Good(read),
            Err(fault) => Field::Bad(without_value(&fault.to_string())),
        })
    }
}

/// What was expected, without what was sent: it may be an identity, and refusals are logged by those who get them. Without
/// the place, too, which is one within the member.
fn without_value(fault: &str) -> String {
    let fault = fault.rsplit_once(" at line ").map_or(fault, |(fault, _place)| fault);
    match fault.rsplit_once("expected ") {
        Some((_, wanted)) => format!("expected {wanted}"),
        None if fault.contains(['`', '"']) => "not of this form".to_owned(),
        None => fault.to_owned(),
    }
}

/// Members that the request does not have: each is a fault, never silently dropped.
pub type Unknown = BTreeMap<String, IgnoredAny>;

/// Text of `MIN` to `MAX` characters without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(Box<str>);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    pub fn into_inner(self) -> Box<str> {
        self.0
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl<const MIN: usize, const MAX: usize> FromStr for Text<MIN, MAX> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let length = text.chars().count();
        if length < MIN || length > MAX || text.chars().any(char::is_control) {
            return Err(format!("expected {MIN} to {MAX} characters without control characters"));
        }
        Ok(Text(text.into()))
    }
}
impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// Collects the faults of one request while its members are taken out.
#[derive(Debug, Default)]
pub struct Faults {
    path: String,
    found: Vec<Fault>,
}

impl Faults {
    /// A member that must be there. `None` when it is not; the fault is noted.
    pub fn required<T>(&mut self, name: &str, field: Field<T>) -> Option<T> {
        match field {
            Field::Good(value) => Some(value),
            Field::Missing => {
                self.note(name, "缺少必填项。", "This member is required.");
                None
            }
            Field::Bad(why) => {
                self.bad(name, &why);
                None
            }
        }
    }
    /// A member that may be left out.
    pub fn optional<T>(&mut self, name: &str, field: Field<T>) -> Option<T> {
        match field {
            Field::Good(value) => Some(value),
            Field::Missing => None,
            Field::Bad(why) => {
                self.bad(name, &why);
                None
            }
        }
    }
    /// A number that must lie between two bounds, both included.
    pub fn within(&mut self, name: &str, number: Option<i32>, low: i32, high: i32) -> Option<i32> {
        let number = number?;
        if (low..=high).contains(&number) {
            return Some(number);
        }
        self.note(
            name,
            format!("应在 {low} 至 {high} 之间。"),
            format!("Must be {low} to {high}."),
        );
        None
    }
    /// Every unknown member is a fault.
    pub fn unknown(&mut self, members: &Unknown) {
        for name in members.keys().take(20) {
            let shown: String = name.chars().take(40).collect();
            self.note(&shown, "未知的成员。", "This member is unknown; remove it.");
        }
    }
    /// Notes a fault of a member at the present path.
    pub fn note(&mut self, name: &str, zh: impl Into<Box<str>>, en: impl Into<Box<str>>) {
        self.found.push(Fault::new(format!("{}{name}", self.path), zh, en));
    }
    /// Takes out the members of a nested object or list element, named as in `lines[2]`.
    pub fn inside<T>(
        &mut self,
        name: &str,
        take: impl FnOnce(&mut Faults) -> Option<T>,
    ) -> Option<T> {
        let outer = self.path.len();
        self.path.push_str(name);
        self.path.push('.');
        let taken = take(self);
        self.path.truncate(outer);
        taken
    }
    /// The value, if it was complete and nothing was at fault.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Refusal> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(Refusal::with_faults(Reason::Malformed, self.found)),
        }
    }
    fn bad(&mut self, name: &str, why: &str) {
        self.note(name, format!("内容不合要求：{why}"), format!("Not acceptable: {why}"));
    }
}
