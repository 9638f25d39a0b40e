//! Recomputes the chains of events and names the first event that is not as it was written.

use std::collections::BTreeMap;

use crate::chain::Digest;
use crate::engine::Engine;
use crate::fault::StoreError;
use crate::rows::event::{EventRow, LaneRow};
use crate::view::{BadEvent, ChainReport};

/// Events looked at together.
const PAGE: i64 = 1_000;
const BEFORE_THE_FIRST: [u8; 32] = [0; 32];

/// Recomputes every lane after the given numbers (those of an earlier report's `heads`), page by page.
pub fn verify(
    engine: &mut dyn Engine,
    after: &BTreeMap<i32, i64>,
    hash: Digest,
) -> Result<ChainReport, StoreError> {
    let mut report = ChainReport::default();
    for lane in engine.lanes()? {
        report.lanes += 1;
        let start = after.get(&lane.id).copied().unwrap_or(0);
        if let Some(bad) = verify_lane(engine, &lane, start, hash, &mut report.events)? {
            report.first_bad = Some(bad);
            return Ok(report);
        }
        report.heads.insert(lane.id, lane.seq);
    }
    Ok(report)
}

fn verify_lane(
    engine: &mut dyn Engine,
    lane: &LaneRow,
    start: i64,
    hash: Digest,
    events: &mut i64,
) -> Result<Option<BadEvent>, StoreError> {
    let bad = |seq: i64, why: &str| Ok(Some(BadEvent { lane: lane.id, seq, why: why.to_owned() }));
    let mut prev = match start {
        0 => BEFORE_THE_FIRST.to_vec(),
        _ => match engine.chain_page(lane.id, start - 1, 1)?.pop() {
            Some(row) if row.seq == start => row.digest,
            _ => return bad(start, "the event is missing"),
        },
    };
    let mut seq = start;
    // What is written while this reads is left for the next time.
    while seq < lane.seq {
        let page = engine.chain_page(lane.id, seq, PAGE.min(lane.seq - seq))?;
        if page.is_empty() {
            return bad(seq + 1, "the event is missing");
        }
        let own = own_digests(engine, &page)?;
        for row in page {
            seq += 1;
            if let Some(why) = fault_of(&row, seq, &prev, &own, hash) {
                return bad(seq, why);
            }
            prev = row.digest;
            *events += 1;
        }
    }
    if prev != lane.head {
        return bad(seq, "the lane ends in another event");
    }
    Ok(None)
}

type OwnDigests = BTreeMap<(i64, i64), Vec<u8>>;

/// For each event of a prescription on the page, the digest that its own chain had before it.
fn own_digests(engine: &mut dyn Engine, page: &[EventRow]) -> Result<OwnDigests, StoreError> {
    let follow = page.iter().filter_map(|row| Some((row.prescription_id?, row.rx_seq?)));
    let follow: Vec<(i64, i64)> = follow.filter(|(_, rx_seq)| *rx_seq > 1).collect();
    if follow.is_empty() { Ok(OwnDigests::new()) } else { engine.rx_digests(&follow) }
}

fn fault_of(
    row: &EventRow,
    seq: i64,
    prev: &[u8],
    own: &OwnDigests,
    hash: Digest,
) -> Option<&'static str> {
    if row.seq != seq {
        return Some("the event is missing");
    }
    if row.prev != prev {
        return Some("it does not follow the event before it");
    }
    if row.digest != row.chained().digest(prev, hash) {
        return Some("it was altered");
    }
    let (Some(id), Some(rx_seq)) = (row.prescription_id, row.rx_seq) else { return None };
    let before = match rx_seq {
        1 => Some(BEFORE_THE_FIRST.as_slice()),
        _ => own.get(&(id, rx_seq)).map(Vec::as_slice),
    };
    let follows = before.is_some() && row.rx_prev.as_deref() == before;
    (!follows).then_some("it does not follow the event before it on its prescription")
}
