//! The proof that nothing was altered: the chain of events recomputed.

use domain::refusal::{Reason, Refusal};
use store::ChainReport;

use super::{Gate, unreadable};

impl Gate {
    /// Recomputes every event's digest, lane by lane.
    pub async fn verify_chain(&self) -> Result<ChainReport, Refusal> {
        let _turn = self.reports.acquire().await.map_err(|_| Reason::Busy)?;
        self.store.verify_chain().await.map_err(unreadable)
    }
}
