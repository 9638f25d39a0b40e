//! Identifiers: 64-bit, time-ordered, made by the application, written as strings in JSON (JavaScript loses integers above 2^53).
//!
//! Knows the layout (time, lane, count) and nothing of what is numbered. DESIGN §3 "Ids", §4 "Lanes".

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::ParseIntError;
use std::str::FromStr;

use crate::moment::Moment;

/// 2024-01-01T00:00:00Z: ids count milliseconds from here, 41 bits reach the year 2093.
const EPOCH_MS: i64 = 1_704_067_200_000;
const LANE_BITS: u32 = 10;
const COUNT_BITS: u32 = 12;
/// Lanes that can make ids at the same time.
pub const LANES: i64 = 1 << LANE_BITS;

/// The id of a `T`: two kinds of id are two types and cannot be mixed up.
pub struct Id<T>(i64, PhantomData<fn() -> T>);

impl<T> Id<T> {
    pub const fn new(raw: i64) -> Id<T> {
        Id(raw, PhantomData)
    }
    pub const fn raw(self) -> i64 {
        self.0
    }
}
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl<T> FromStr for Id<T> {
    type Err = ParseIntError;
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Id::new)
    }
}
impl<T> serde::Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de, T> serde::Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
impl<T> utoipa::PartialSchema for Id<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("64-bit id as a decimal string"))
            .examples(["312345678901248000"])
            .into()
    }
}
impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

/// Makes the ids of one batch: `time since epoch | lane | count`. The caller guarantees that `at` never falls behind
/// the last batch of the lane (DESIGN §4: id time = max(database clock, last)).
#[derive(Clone, Debug)]
pub struct IdMaker {
    ms: i64,
    lane: i64,
    count: i64,
}

impl IdMaker {
    /// `lane` in 0..[`LANES`].
    pub fn new(at: Moment, lane: i64) -> IdMaker {
        IdMaker { ms: at.millis(), lane: lane.rem_euclid(LANES), count: 0 }
    }
    /// The next id. After 4,096 in a millisecond the following millisecond is used.
    pub fn make<T>(&mut self) -> Id<T> {
        let time = (self.ms - EPOCH_MS) << (LANE_BITS + COUNT_BITS);
        let id = time | (self.lane << COUNT_BITS) | self.count;
        self.count += 1;
        if self.count == 1 << COUNT_BITS {
            self.count = 0;
            self.ms += 1;
        }
        Id::new(id)
    }
    /// The last millisecond used: the next batch of this lane must start after it.
    pub fn last_ms(&self) -> i64 {
        self.ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_a_millisecond_is_used_up() {
        let mut maker = IdMaker::new(Moment::from_millis(EPOCH_MS + 5), 3);
        let ids: Vec<Id<()>> = (0..10_000).map(|_| maker.make()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(maker.last_ms(), EPOCH_MS + 7);
    }

    #[test]
    fn two_lanes_never_make_the_same_id() {
        let at = Moment::from_millis(EPOCH_MS + 5);
        let mut here = IdMaker::new(at, 1);
        let mut there = IdMaker::new(at, 2);
        let mine: std::collections::HashSet<Id<()>> = (0..5000).map(|_| here.make()).collect();
        assert!((0..5000).all(|_| !mine.contains(&there.make())));
    }
}
