//! How long a batch is tried: again on what it then finds, on a new connection, or in halves, until there is no hope.

use std::time::Duration;

use crate::fault::Trouble;

/// Pauses before the database is called again.
const PAUSES_MS: [u64; 4] = [50, 200, 800, 2_000];
const MOST_SERIALIZATIONS: u32 = 20;
const MOST_LANES: u32 = 8;

/// Why a batch has no answers.
pub enum GiveUp {
    /// It fails whole; its halves may not.
    Split,
    Busy,
    Uncertain,
}

/// What the attempts at a batch have cost so far.
#[derive(Default)]
pub struct Patience {
    reruns: u32,
    serializations: u32,
    lanes: u32,
    losses: usize,
    /// A COMMIT was lost: nobody knows whether it was done.
    pub uncertain: bool,
}

impl Patience {
    /// For a batch that may have been committed already, or not.
    pub fn new(uncertain: bool) -> Patience {
        Patience { uncertain, ..Patience::default() }
    }

    /// Waits where waiting helps; `Err` when it was enough.
    pub fn after(&mut self, trouble: Trouble) -> Result<(), GiveUp> {
        match trouble {
            Trouble::Serialization if self.serializations < MOST_SERIALIZATIONS => {
                self.serializations += 1;
                Ok(())
            }
            Trouble::LaneLost if self.lanes < MOST_LANES => {
                self.lanes += 1;
                Ok(())
            }
            Trouble::Statement(error) if self.reruns == 0 => {
                tracing::debug!(%error, "a batch is run again");
                self.reruns += 1;
                Ok(())
            }
            Trouble::Statement(error) => {
                tracing::warn!(%error, "a batch is split");
                Err(self.split())
            }
            // Rolled back with its connection, which had not come to COMMIT.
            Trouble::Panic(what) => {
                tracing::error!(what, "a batch panicked and is split");
                Err(self.split())
            }
            Trouble::Lost(what) => self.reconnect(&what),
            Trouble::LostInCommit(what) => {
                self.uncertain = true;
                self.reconnect(&what)
            }
            Trouble::ClockBehind => {
                tracing::error!(
                    "the clock is more than 5 s behind what was written; nothing is taken"
                );
                Err(self.busy())
            }
            Trouble::Serialization | Trouble::LaneLost => Err(self.busy()),
        }
    }

    fn reconnect(&mut self, what: &str) -> Result<(), GiveUp> {
        tracing::warn!(what, "the database connection is lost");
        let Some(pause) = PAUSES_MS.get(self.losses) else { return Err(self.busy()) };
        std::thread::sleep(Duration::from_millis(*pause));
        self.losses += 1;
        Ok(())
    }

    fn split(&self) -> GiveUp {
        GiveUp::Split
    }

    fn busy(&self) -> GiveUp {
        if self.uncertain { GiveUp::Uncertain } else { GiveUp::Busy }
    }
}
