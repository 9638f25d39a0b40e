//! The policies of all pooling areas, each area with its versions one after the other.
//!
//! Two versions never hold on one day: a decision of a day names one policy, and a replay finds it
//! again. Knows no figure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Region, RegionFault};
use crate::institution::PoolingArea;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions(BTreeMap<PoolingArea, Vec<Region>>);

impl Regions {
    /// Puts versions together. Refused: two versions of an area that hold on one day; a version
    /// without an end holds for ever.
    pub fn new(policies: Vec<Region>) -> Result<Regions, Vec<RegionFault>> {
        let mut by_area: BTreeMap<PoolingArea, Vec<Region>> = BTreeMap::new();
        for policy in policies {
            by_area.entry(policy.area.clone()).or_default().push(policy);
        }
        let mut faults = Vec::new();
        for (area, versions) in &mut by_area {
            versions.sort_by_key(|version| version.valid_from);
            for (earlier, later) in versions.iter().zip(versions.iter().skip(1)) {
                if earlier.valid_to.is_none_or(|end| later.valid_from < end) {
                    let from = later.valid_from;
                    let message = format!("{area}: overlaps the version that holds from {from}");
                    faults.push(RegionFault::at("valid_to", message));
                }
            }
        }
        if faults.is_empty() { Ok(Regions(by_area)) } else { Err(faults) }
    }
    /// The policy of an area on a day.
    pub fn on(&self, area: &PoolingArea, day: NaiveDate) -> Option<&Region> {
        self.0.get(area)?.iter().find(|version| version.covers(day))
    }
    /// All versions of all areas, by area and day.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.0.values().flatten()
    }
}
