//! Forgets stored answers and delivered notices after seven days: from then on the natural key answers (DESIGN §4).

use std::sync::Arc;
use std::time::Duration;

use domain::moment::DAY;
use store::StoreError;
use tokio::sync::watch;

use super::pause_or_stop;
use crate::flow::Gate;

/// How long the same call gets the same answer.
const KEPT_MS: i64 = 7 * DAY;
/// Rows in one transaction, so that nobody waits for it.
const AT_ONCE: i64 = 500;
const PAUSE: Duration = Duration::from_secs(60);

pub async fn run(gate: Arc<Gate>, mut stopped: watch::Receiver<bool>) {
    loop {
        match pass(&gate).await {
            Ok(forgotten) if forgotten > 0 && !*stopped.borrow() => continue,
            Ok(_) => {}
            Err(fault) => tracing::warn!(%fault, "forgetting waits"),
        }
        if pause_or_stop(&mut stopped, PAUSE).await {
            return;
        }
    }
}

/// One look: how many rows were forgotten.
pub async fn pass(gate: &Arc<Gate>) -> Result<usize, StoreError> {
    let before = gate.now().plus(-KEPT_MS);
    gate.store.write(move |engine| engine.forget(before, AT_ONCE)).await
}
