//! The prescriptions that a writer met last. What was issued never changes, so that the steps from claim to hand-over need
//! not read it again.
//!
//! Only what is committed is kept: the id of a prescription that was rolled back may be given to another.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use domain::prescription::{Prescription, PrescriptionId};

/// About 3 KB each.
const MOST: usize = 4096;

#[derive(Default)]
pub struct Memory {
    known: HashMap<PrescriptionId, Arc<Prescription>>,
    /// As they came: the oldest is forgotten first.
    order: VecDeque<PrescriptionId>,
}

impl Memory {
    pub fn recall(&self, id: PrescriptionId) -> Option<Arc<Prescription>> {
        self.known.get(&id).cloned()
    }

    pub fn keep(&mut self, committed: impl IntoIterator<Item = Arc<Prescription>>) {
        for one in committed {
            let id = one.id;
            if self.known.insert(id, one).is_none() {
                self.order.push_back(id);
            }
        }
        let too_many = self.order.len().saturating_sub(MOST);
        for id in self.order.drain(..too_many) {
            self.known.remove(&id);
        }
    }
}
