//! The registers of persons are kept: an entry is made, ended, or replaced when the patient picks another pharmacy (DC-04).
//!
//! Nothing is erased: an entry ends early, and a change is an end and a new entry. An entry that overlaps another about the same
//! thing is refused, so that a day has one answer.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::institution::{InstitutionId, PoolingArea};
use crate::prescription::{PersonId, PrescriptionId};
use crate::refusal::{Fault, Reason, Refusal};
use crate::register::{Content, Entitlement, Entry, EntryId};
use crate::world::{Changes, Event, Keys, Newcomer};

/// The agency enters one fact about one person.
#[derive(Clone, Debug)]
pub struct Enrol {
    /// The agency's own area.
    pub area: PoolingArea,
    pub person: Newcomer,
    pub from: NaiveDate,
    /// First day on which it no longer holds.
    pub to: NaiveDate,
    pub content: Content,
}

/// The agency ends an entry before its time.
#[derive(Clone, Debug)]
pub struct EndEntry {
    pub area: PoolingArea,
    pub entry_id: EntryId,
    /// First day on which it no longer holds.
    pub to: NaiveDate,
    pub reason: Box<str>,
}

/// The patient picks another pharmacy for an entitlement: their right.
#[derive(Clone, Debug)]
pub struct ChangePharmacy {
    /// The prescription by which the patient was admitted.
    pub prescription_id: PrescriptionId,
    pub entry_id: EntryId,
    pub pharmacy_id: InstitutionId,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EntryReply {
    #[schema(value_type = String)]
    pub entry_id: EntryId,
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Enrol {
    pub fn keys(&self) -> Keys {
        let newcomer = Some(self.person.clone());
        Keys { newcomer, registers: true, alone: true, ..Keys::default() }
    }

    /// Rule: DC-04 — An entitlement is registered with its period, once for a drug at a time
    // Refused: `Malformed` for a period that ends before it begins, `EntryOverlaps`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        if self.to <= self.from {
            let zh = "终止日须晚于起始日。";
            let fault = Fault::new("to", zh, "The end must lie after the beginning.");
            return Err(Refusal::with_faults(Reason::Malformed, vec![fault]));
        }
        let person_id =
            *desk.world.people.get(&self.person.identity_hash).ok_or(Reason::Internal)?;
        let entry = Entry {
            id: desk.ids.make(),
            person_id,
            area: self.area.clone(),
            from: self.from,
            to: self.to,
            content: self.content.clone(),
        };
        if desk.world.entries_of(person_id).0.iter().any(|one| one.clashes_with(&entry)) {
            return Err(Refusal::at(Reason::EntryOverlaps, "from"));
        }
        let event = told(&entry, "enrolled", desk, None);
        let (reply, events) = (entry.reply(), vec![event]);
        Decision::done(&reply, Changes { entries: vec![entry], events, ..Changes::default() })
    }
}

impl EndEntry {
    pub fn keys(&self) -> Keys {
        Keys { entry: Some(self.entry_id), alone: true, ..Keys::default() }
    }

    // Refused: `NotFound` for another area's, `EntryEnded` when it ends no later than that day already.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let entry = desk.world.entry(self.entry_id).filter(|one| one.area == self.area);
        let entry = entry.ok_or(Reason::NotFound)?;
        if entry.to <= self.to {
            return Err(Reason::EntryEnded.into());
        }
        // What never began ends where it would have begun.
        let ended = Entry { to: self.to.max(entry.from), ..entry.clone() };
        let event = told(&ended, "entry_ended", desk, Some(&self.reason));
        let (reply, events) = (ended.reply(), vec![event]);
        Decision::done(&reply, Changes { entries: vec![ended], events, ..Changes::default() })
    }
}

impl ChangePharmacy {
    pub fn keys(&self) -> Keys {
        let prescription = Some(self.prescription_id);
        Keys { prescription, registers: true, alone: true, ..Keys::default() }
    }

    /// Rule: RTE-02 — The patient may pick another pharmacy for an entitlement; the change is recorded
    // Refused: `NotFound` for another person's entry or what is no entitlement, `EntryEnded`, `PharmacyNotEligible`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        let today = case.now.civil_date();
        let found = case.entries().into_iter().find(|one| one.id == self.entry_id);
        let old = found.ok_or(Reason::NotFound)?;
        let Content::Entitlement(entitlement) = &old.content else {
            return Err(Reason::NotFound.into());
        };
        if old.to <= today {
            return Err(Reason::EntryEnded.into());
        }
        case.eligible_anew(self.pharmacy_id)?;
        let content = Content::Entitlement(Entitlement {
            pharmacy_id: Some(self.pharmacy_id),
            ..entitlement.clone()
        });
        let from = old.from.max(today);
        let new = Entry { id: case.make_id(), from, content, ..old.clone() };
        let reply = new.reply();
        let body = json!({ "entry_id": new.id, "before": old.id, "pharmacy": self.pharmacy_id });
        case.changes.entries = vec![Entry { to: from, ..old }, new];
        case.record("pharmacy_changed", None, body);
        case.done(&reply)
    }
}

/// The event of an entry: what it is about and never who.
fn told(entry: &Entry, kind: &'static str, desk: Desk<'_>, reason: Option<&str>) -> Event {
    let body = json!({
        "entry_id": entry.id, "person_id": entry.person_id, "area": entry.area, "from": entry.from,
        "to": entry.to, "register": entry.content.register(), "reason": reason,
    });
    Event { id: desk.ids.make(), prescription_id: None, kind, actor: None, at: desk.now, body }
}

impl Entry {
    fn reply(&self) -> EntryReply {
        let Entry { id, person_id, from, to, .. } = *self;
        EntryReply { entry_id: id, person_id, from, to }
    }
}
