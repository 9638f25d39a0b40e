//! The order of the list: one key that the patient picked, ties by a hash, so that no shop is always first (RTE-01).

use std::collections::BinaryHeap;

use crate::institution::InstitutionId;
use crate::prescription::PrescriptionId;

/// A place in the list: the key (smaller is nearer, cheaper, fuller), then the lot drawn, then which pharmacy it is.
pub(super) type Rank = (i64, u64, usize);

/// Sorts after everything that is known.
pub(super) const UNKNOWN: i64 = i64::MAX;

/// The lot that a pharmacy draws for a prescription: the same every time it is asked, another for the next prescription.
pub(super) fn lot(prescription: PrescriptionId, pharmacy: InstitutionId) -> u64 {
    let own = scatter(prescription.raw().cast_unsigned());
    scatter(own ^ pharmacy.raw().cast_unsigned())
}

/// The finaliser of splitmix64: every bit of the input moves half of the output.
fn scatter(of: u64) -> u64 {
    let z = of.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Keeps the first `limit` of what it is given, without sorting the rest.
pub(super) struct First {
    limit: usize,
    kept: BinaryHeap<Rank>,
}

impl First {
    pub fn new(limit: usize) -> First {
        First { limit, kept: BinaryHeap::new() }
    }
    pub fn consider(&mut self, rank: Rank) {
        if self.kept.len() < self.limit {
            self.kept.push(rank);
        } else if self.kept.peek().is_some_and(|last| rank < *last) {
            self.kept.pop();
            self.kept.push(rank);
        }
    }
    pub fn in_order(self) -> Vec<Rank> {
        self.kept.into_sorted_vec()
    }
}
