//! The demo's own time: simulated days in rounds of an hour, on a clock that only the driver moves.
//!
//! The first two days are 31 December 2025 and 2 January 2026, so that a run straddles a change of the national list.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::NaiveDate;
use domain::moment::{DAY, HOUR, Moment};

use crate::flow::Clock;

/// Rounds of a day in which prescriptions are sent; one more follows for those who come back late.
pub const ROUNDS: usize = 6;
const FIRST_HOUR: i64 = 9;

/// One hour of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Round {
    /// 0 for the first day.
    pub day: usize,
    /// 0 to [`ROUNDS`], the last for latecomers.
    pub hour: usize,
}

impl Round {
    pub fn moment(self) -> Moment {
        let hour = FIRST_HOUR + i64::try_from(self.hour).unwrap_or(0);
        Moment::start_of(date(self.day)).plus(hour * HOUR)
    }
    /// Every round of so many days, in order.
    pub fn all(days: usize) -> impl Iterator<Item = Round> {
        (0..days).flat_map(|day| (0..=ROUNDS).map(move |hour| Round { day, hour }))
    }
}

/// The date of a demo day: New Year's Day is a holiday.
pub fn date(day: usize) -> NaiveDate {
    let eve = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default();
    let later = u64::try_from(if day == 0 { 0 } else { day + 1 }).unwrap_or(0);
    eve.checked_add_days(chrono::Days::new(later)).unwrap_or(eve)
}

/// When everything that was issued in so many days has expired: three days of validity and some.
pub fn end(days: usize) -> Moment {
    Moment::start_of(date(days.saturating_sub(1))).plus(5 * DAY)
}

/// A clock that stands still until it is set.
#[derive(Clone, Debug)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    pub fn at(moment: Moment) -> SetClock {
        SetClock(Arc::new(AtomicI64::new(moment.millis())))
    }
    pub fn set(&self, moment: Moment) {
        self.0.store(moment.millis(), Ordering::SeqCst);
    }
    pub fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::SeqCst))
    }
    /// The same clock as the gateway reads it.
    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
