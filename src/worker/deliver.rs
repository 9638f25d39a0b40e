//! Delivers notices from the outbox: leased, in order per partner and prescription, again after a growing pause, and put
//! aside as a dead letter when nobody answers for too long. Receivers drop what they have seen by its event id.

use std::sync::Arc;

use domain::moment::{HOUR, Moment, SECOND};
use store::{Fate, OutboxRow, StoreError, Told};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{PAUSE, pause_or_stop};
use crate::flow::Gate;
use crate::peer::Messenger;

/// Notices in flight at once.
const AT_ONCE: i64 = 32;
/// How long a notice is ours before another replica may take it: longer than a partner may take to answer.
const LEASE_MS: i64 = 60 * SECOND;
/// First pause after a failure; doubled each time.
const FIRST_PAUSE_MS: i64 = 5 * SECOND;
const LONGEST_PAUSE_MS: i64 = HOUR;
/// With pauses of 5 s to 1 h this is about twelve hours.
const MOST_ATTEMPTS: i32 = 20;

pub async fn run(gate: Arc<Gate>, messenger: Messenger, mut stopped: watch::Receiver<bool>) {
    loop {
        match pass(&gate, &messenger).await {
            Ok(taken) if taken > 0 && !*stopped.borrow() => continue,
            Ok(_) => {}
            Err(fault) => tracing::warn!(%fault, "delivery waits"),
        }
        if pause_or_stop(&mut stopped, PAUSE).await {
            return;
        }
    }
}

/// One look at the outbox: how many notices were tried.
pub async fn pass(gate: &Arc<Gate>, messenger: &Messenger) -> Result<usize, StoreError> {
    let now = gate.now();
    let due = gate.store.write(move |engine| engine.take_due(now, AT_ONCE, LEASE_MS)).await?;
    let taken = due.len();
    let mut sending = JoinSet::new();
    for row in due {
        sending.spawn(deliver(Arc::clone(gate), messenger.clone(), row));
    }
    // What has come to an end meanwhile is noted together: a write of its own for each would cost as much as a command.
    while let Some(first) = sending.join_next().await {
        let further = std::iter::from_fn(|| sending.try_join_next());
        let (told, failed): (Vec<_>, Vec<_>) =
            std::iter::once(first).chain(further).partition(Result::is_ok);
        for fault in failed.into_iter().filter_map(Result::err) {
            tracing::error!(%fault, "a delivery failed");
        }
        let told: Vec<Told> = told.into_iter().flatten().collect();
        gate.store.write(move |engine| engine.told(&told)).await?;
    }
    Ok(taken)
}

async fn deliver(gate: Arc<Gate>, messenger: Messenger, row: OutboxRow) -> Told {
    let knowledge = gate.store.knowledge();
    let partner = knowledge.registry.institution(row.partner_id);
    let sent = match partner.and_then(|one| one.notify_url.as_deref()) {
        Some(url) => {
            messenger.post(url, row.partner_id, row.body).await.map_err(|no| no.to_string())
        }
        None => Err("the partner has no address".to_owned()),
    };
    let (now, attempts) = (gate.now(), row.attempts + 1);
    let fate = match sent {
        Ok(()) => Fate::Delivered { at: now },
        Err(why) if attempts >= MOST_ATTEMPTS => {
            tracing::warn!(partner = %row.partner_id, event = %row.event_id, why, "dead letter");
            Fate::GivenUp { why }
        }
        Err(why) => Fate::PutOff { until: next_attempt(&gate, now, attempts), why },
    };
    Told { id: row.id, fate }
}

/// Twice the pause each time, ± a quarter at random, so that partners that were away together are not called together.
fn next_attempt(gate: &Gate, now: Moment, attempts: i32) -> Moment {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    let pause = FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_PAUSE_MS);
    let dice = gate.randomness.bytes::<1>().map_or(128, |[byte]| i64::from(byte));
    now.plus(pause * 3 / 4 + pause / 2 * dice / 255)
}
