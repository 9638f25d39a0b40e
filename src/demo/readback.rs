//! The gateway's own figures, read through the regulator's doors as anybody with that role reads them.

use std::collections::BTreeMap;

use domain::institution::InstitutionId;
use domain::money::Yuan;
use domain::prescription::PrescriptionId;
use domain::settle::Account;
use serde::Deserialize;
use serde_json::Value;
use store::{ChainReport, EventView, PrescriptionView, Totals};

use super::door::Door;
use super::fault::DemoFault;
use super::tally::Tally;
use super::world::World;

/// What the hospital that issued a prescription is told of, when it wants to hear.
const TOLD: [&str; 11] = [
    "claimed",
    "released",
    "lease_ended",
    "expired",
    "revoked",
    "frozen",
    "approved",
    "queried",
    "refused",
    "settled",
    "handed_over",
];

/// What the gateway says of the whole run.
#[derive(Debug, Default)]
pub struct Figures {
    /// Events by kind.
    pub events: BTreeMap<String, u64>,
    pub rejected_by_rule: BTreeMap<String, u64>,
    pub self_pay_lines: u64,
    /// Prescriptions by state, as the search lists them.
    pub states: BTreeMap<String, u64>,
    pub totals: Totals,
    pub chain: ChainReport,
    /// Events that hospitals are told of, by prescription.
    told: BTreeMap<PrescriptionId, u64>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

/// Reads everything.
pub async fn read(door: &Door) -> Result<Figures, DemoFault> {
    let mut figures = Figures::default();
    let token = door.regulator().await?;
    events(door, &token, &mut figures).await?;
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/regulator/prescriptions?limit=200{cursor}");
        let page: Page<PrescriptionView> = door.get(&path, &token).await?;
        for found in page.items {
            *figures.states.entry(found.state.to_string()).or_default() += 1;
        }
        let Some(next) = page.next else { break };
        cursor = format!("&cursor={next}");
    }
    figures.totals = door.get("/v1/regulator/totals", &token).await?;
    figures.chain = door.get("/v1/regulator/audit", &token).await?;
    Ok(figures)
}

async fn events(door: &Door, token: &str, figures: &mut Figures) -> Result<(), DemoFault> {
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/regulator/events?limit=200{cursor}");
        let page: Page<EventView> = door.get(&path, token).await?;
        let Some(next) = page.next.filter(|_| !page.items.is_empty()) else { return Ok(()) };
        for event in page.items {
            figures.count(event);
        }
        cursor = format!("&cursor={next}");
    }
}

impl Figures {
    fn count(&mut self, event: EventView) {
        let texts = |member: &str| event.body.get(member).and_then(Value::as_array).cloned();
        for rule in texts("rules").unwrap_or_default().iter().filter_map(Value::as_str) {
            *self.rejected_by_rule.entry(rule.to_owned()).or_default() += 1;
        }
        let lines = texts("self_pay_lines").map_or(0, |lines| lines.len());
        self.self_pay_lines += u64::try_from(lines).unwrap_or(u64::MAX);
        if let Some(id) = event.prescription_id.filter(|_| TOLD.contains(&&*event.kind)) {
            *self.told.entry(id).or_default() += 1;
        }
        *self.events.entry(event.kind.into()).or_default() += 1;
    }

    pub fn event(&self, kind: &str) -> u64 {
        self.events.get(kind).copied().unwrap_or(0)
    }

    /// Events that were recomputed and found as they were written.
    pub fn chained(&self) -> u64 {
        u64::try_from(self.chain.events).unwrap_or(0)
    }

    pub fn state(&self, state: &str) -> u64 {
        self.states.get(state).copied().unwrap_or(0)
    }

    pub fn account(&self, account: Account) -> Yuan {
        self.totals.ledger.get(&account).copied().unwrap_or(Yuan::ZERO)
    }

    /// Notices that hospitals which want to hear have to get.
    pub fn notices_for(&self, world: &World, tally: &Tally) -> u64 {
        let hears = |id: &InstitutionId| {
            world
                .hospitals
                .iter()
                .any(|house| house.institution.id == *id && house.institution.notify_url.is_some())
        };
        let theirs = tally.issuers.iter().filter(|(_, issuer)| hears(issuer));
        theirs.filter_map(|(id, _)| self.told.get(id)).sum()
    }
}
