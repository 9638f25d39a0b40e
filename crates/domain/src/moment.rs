//! Points in time as the gateway keeps them: milliseconds UTC. Civil dates are those of Asia/Shanghai, by one function.
//!
//! Knows no clock: whoever needs the time is given a `Moment`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat};

/// Beijing time, without daylight saving since 1991.
const SHANGHAI_SECONDS: i32 = 8 * 3600;
pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// An instant, milliseconds since 1970-01-01T00:00:00Z, years 1900 to 2199.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// The text is no RFC 3339 instant with an offset, or lies outside 1900–2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 instant such as 2026-01-05T09:30:00+08:00")]
pub struct NotAnInstant;

impl Moment {
    pub const fn from_millis(ms: i64) -> Moment {
        Moment(ms)
    }
    pub const fn millis(self) -> i64 {
        self.0
    }
    /// Later by `ms` milliseconds (earlier when negative).
    pub const fn plus(self, ms: i64) -> Moment {
        Moment(self.0.saturating_add(ms))
    }
    /// Milliseconds from `earlier` to here.
    pub const fn since(self, earlier: Moment) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    /// The day in Beijing time.
    pub fn civil_date(self) -> NaiveDate {
        self.shanghai().map(|t| t.date_naive()).unwrap_or_default()
    }
    /// Midnight at the start of a Beijing day.
    pub fn start_of(day: NaiveDate) -> Moment {
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
        Moment(midnight.timestamp_millis() - i64::from(SHANGHAI_SECONDS) * SECOND)
    }
    fn shanghai(self) -> Option<DateTime<FixedOffset>> {
        let zone = FixedOffset::east_opt(SHANGHAI_SECONDS)?;
        Some(DateTime::from_timestamp_millis(self.0)?.with_timezone(&zone))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shanghai() {
            Some(t) => f.write_str(&t.to_rfc3339_opts(SecondsFormat::Millis, false)),
            None => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Moment {
    type Err = NotAnInstant;
    fn from_str(text: &str) -> Result<Moment, NotAnInstant> {
        let t = DateTime::parse_from_rfc3339(text).map_err(|_| NotAnInstant)?;
        let year = chrono::Datelike::year(&t);
        if !(1900..2200).contains(&year) {
            return Err(NotAnInstant);
        }
        Ok(Moment(t.timestamp_millis()))
    }
}

crate::text_form!(Moment, "2026-01-05T09:30:00.000+08:00", "Instant, RFC 3339 with offset");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_midnight_in_beijing() {
        let late: Moment = "2025-12-31T23:59:59+08:00".parse().expect("instant");
        assert_eq!(late.civil_date().to_string(), "2025-12-31");
        assert_eq!(late.plus(SECOND).civil_date().to_string(), "2026-01-01");
        assert_eq!(Moment::start_of(late.plus(SECOND).civil_date()), late.plus(SECOND));
    }

    #[test]
    fn an_instant_without_offset_is_refused() {
        assert_eq!("2026-01-05T09:30:00".parse::<Moment>(), Err(NotAnInstant));
    }
}
