//! Records what time has ended: leases, validity, the wait of a freeze. The rules compute it anyway; this writes it down,
//! frees reserved boxes and tells those concerned.

use std::sync::Arc;

use domain::refusal::Refusal;
use domain::verb::{Lapse, Verb};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{PAUSE, pause_or_stop};
use crate::flow::{Gate, unreadable};

/// Prescriptions taken up at once: they share one batch of the committer.
const AT_ONCE: i64 = 128;

pub async fn run(gate: Arc<Gate>, mut stopped: watch::Receiver<bool>) {
    loop {
        match pass(&gate).await {
            // A full look may have more behind it. Less than that waits: our clock may be ahead of the database's, and then
            // nothing is due there yet.
            Ok(done) if done >= AT_ONCE && !*stopped.borrow() => continue,
            Ok(_) => {}
            Err(refusal) => tracing::warn!(code = refusal.reason.code(), "expiry waits"),
        }
        if pause_or_stop(&mut stopped, PAUSE).await {
            return;
        }
    }
}

/// One look: how many prescriptions were brought up to date.
pub async fn pass(gate: &Arc<Gate>) -> Result<i64, Refusal> {
    let now = gate.now();
    let due = gate.store.read(move |engine| engine.due(now, AT_ONCE)).await.map_err(unreadable)?;
    let mut lapsing = JoinSet::new();
    for prescription_id in due {
        let gate = Arc::clone(gate);
        lapsing.spawn(async move { gate.act(Verb::Lapse(Lapse { prescription_id })).await });
    }
    let mut done = 0;
    while let Some(lapsed) = lapsing.join_next().await {
        match lapsed {
            Ok(Ok(_)) => done += 1,
            Ok(Err(refusal)) => return Err(refusal),
            Err(fault) => tracing::error!(%fault, "expiry failed"),
        }
    }
    Ok(done)
}
