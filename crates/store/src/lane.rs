//! Lanes: one writer writes one chain of events, and its ids carry the lane's number (DESIGN §4 "Lanes").
//!
//! A writer takes a lane that nobody touched for ten seconds, or a new one, and raises its epoch. Every batch ends by
//! moving the lane on where id, epoch and number are still as it found them, so that a writer that was only paused cannot
//! write into a lane that was given to another.

use domain::id::{IdMaker, LANES};
use domain::moment::Moment;

use crate::chain::Head;
use crate::engine::{Desk, Opening};
use crate::fault::Trouble;
use crate::rows::event::LaneRow;

/// A lane is free when nobody wrote it for so long, by the database's clock.
pub const FREE_AFTER_MS: i64 = 10_000;
/// The clock may be this far behind what the lane has seen, as after a small correction.
const MOST_BEHIND_MS: i64 = 5_000;
/// Other writers may be faster this often before a new lane is made.
const TRIES: usize = 16;

/// A free or a new lane. None is left only with [`LANES`] writers at work.
pub fn take(desk: &mut dyn Desk) -> Result<LaneRow, Trouble> {
    for _ in 0..TRIES {
        if let Some(lane) = desk.take_lane()? {
            tracing::info!(lane = lane.id, epoch = lane.epoch, "lane taken");
            return Ok(lane);
        }
    }
    Err(Trouble::Lost(format!("none of {LANES} lanes is free")))
}

/// The time of one batch.
#[derive(Clone, Debug)]
pub struct BatchTime {
    /// What every decision of the batch is told.
    pub now: Moment,
    pub ids: IdMaker,
}

impl BatchTime {
    /// Never before what the lane has seen; ids start in a millisecond that it has not used.
    pub fn new(lane: &LaneRow, clock: Moment) -> Result<BatchTime, Trouble> {
        if clock.millis() < lane.last_ms - MOST_BEHIND_MS {
            return Err(Trouble::ClockBehind);
        }
        let unused = Moment::from_millis(clock.millis().max(lane.last_ms + 1));
        let now = Moment::from_millis(clock.millis().max(lane.last_ms));
        Ok(BatchTime { now, ids: IdMaker::new(unused, i64::from(lane.id)) })
    }
}

/// The lane as this batch found it, or `LaneLost`.
pub fn still_ours(lane: &LaneRow, opening: &Opening) -> Result<LaneRow, Trouble> {
    if opening.epoch != lane.epoch {
        return Err(Trouble::LaneLost);
    }
    Ok(LaneRow {
        seq: opening.seq,
        head: opening.head.clone(),
        last_ms: opening.last_ms,
        ..lane.clone()
    })
}

/// The lane after a batch.
pub fn moved_on(lane: &LaneRow, head: &Head, time: &BatchTime) -> LaneRow {
    LaneRow {
        seq: head.seq,
        head: head.digest.to_vec(),
        last_ms: time.ids.last_ms().max(time.now.millis()),
        ..lane.clone()
    }
}
