//! Everything a decision may look up besides the world: catalogue, policies, registers. Immutable; swapped as a whole.
//!
//! A decision names the digests of what it used, so that it can be replayed (DESIGN §3, §4 "Replay and swap").

use std::sync::Arc;

use chrono::NaiveDate;

use crate::catalogue::Catalogue;
use crate::institution::{PoolingArea, Registry};
use crate::region::{Region, Regions};

#[derive(Clone)]
pub struct Knowledge {
    pub catalogue: Arc<Catalogue>,
    pub regions: Arc<Regions>,
    pub registry: Arc<Registry>,
    /// No money on assumptions (DESIGN §5): a region with an assumed figure is quoted, never settled.
    pub production: bool,
}

impl Knowledge {
    /// The policy of a pooling area on a day.
    pub fn region(&self, area: &PoolingArea, on: NaiveDate) -> Option<&Region> {
        self.regions.on(area, on)
    }
}
