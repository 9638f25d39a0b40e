//! The part of the store that one batch of commands works on, in memory, and what the commands change in it.
//!
//! The store loads it by [`Keys`], a verb decides on it without touching it, and its [`Changes`] are applied before the
//! next command of the batch is decided. No connection is in reach.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::circulation::Circulation;
use crate::dispensing::{Dispensing, DispensingId, DrugBox};
use crate::id::Id;
use crate::institution::InstitutionId;
use crate::moment::Moment;
use crate::prescription::{PersonId, Prescription, PrescriptionId, TraceCode};
use crate::region::Path;
use crate::register::{Entries, Entry, EntryId};
use crate::settle::{Reversal, Settlement, Usage};

/// What a command needs loaded and locked, in lock order: person → prescription → box → accumulator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The person of a new prescription; made if not there yet.
    pub newcomer: Option<Newcomer>,
    /// Number of a new prescription: is it taken?
    pub number: Option<(InstitutionId, Box<str>)>,
    /// With circulation, dispensings and the boxes of dispensings that are still prepared.
    pub prescription: Option<PrescriptionId>,
    pub boxes: Vec<TraceCode>,
    /// The prescription's settlements that stand.
    pub settlements: bool,
    /// The registers of the prescription's or the newcomer's person.
    pub registers: bool,
    /// One entry of a register, with those of the same person.
    pub entry: Option<EntryId>,
    /// Nobody else changes what is known of this person meanwhile: the row is locked. Of a prescription's person the year
    /// totals of every path are loaded, too.
    pub alone: bool,
}

/// A person as a hospital names them: only a keyed hash and sealed bytes reach the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Keyed hash of kind and number of the certificate.
    pub identity_hash: Box<[u8]>,
    /// Keyed hash of the last four characters, the patient's second factor.
    pub last_four_hash: Box<[u8]>,
}

/// Year totals of one person on one benefit path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageKey {
    pub person_id: PersonId,
    pub path: Path,
    pub year: i32,
}

#[derive(Clone, Debug, Default)]
pub struct World {
    pub people: HashMap<Box<[u8]>, PersonId>,
    pub numbers: HashMap<(InstitutionId, Box<str>), PrescriptionId>,
    pub prescriptions: BTreeMap<PrescriptionId, Arc<Prescription>>,
    pub circulations: BTreeMap<PrescriptionId, Circulation>,
    pub dispensings: BTreeMap<DispensingId, Dispensing>,
    pub boxes: BTreeMap<TraceCode, DrugBox>,
    pub usages: BTreeMap<UsageKey, Usage>,
    pub entries: BTreeMap<PersonId, Vec<Entry>>,
    /// Settlements that stand: not reversed.
    pub settlements: BTreeMap<DispensingId, Settlement>,
}

pub type EventId = Id<Event>;

/// An `event`: what happened, for the audit chain. Never an identity, only ids and codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub prescription_id: Option<PrescriptionId>,
    /// What happened, such as `claimed`.
    pub kind: &'static str,
    /// Institution that did it; none: the gateway itself or the patient.
    pub actor: Option<InstitutionId>,
    pub at: Moment,
    pub body: Value,
}

/// Something a partner must be told: one row of the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The event it tells of; receivers drop what they have seen.
    pub event_id: EventId,
    pub partner: InstitutionId,
    pub prescription_id: PrescriptionId,
    pub kind: &'static str,
    pub body: Value,
}

/// What one command changes: whole rows, new or replaced by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub prescription: Option<Issued>,
    pub circulation: Option<Circulation>,
    pub dispensings: Vec<Dispensing>,
    pub boxes: Vec<DrugBox>,
    pub settlement: Option<Settlement>,
    pub reversal: Option<Reversal>,
    pub usages: Vec<(UsageKey, Usage)>,
    /// New or ended.
    pub entries: Vec<Entry>,
    pub events: Vec<Event>,
    pub notices: Vec<Notice>,
}

/// A new prescription with its sealed document, written once.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    pub prescription: Arc<Prescription>,
    /// Name, certificate and the document as received, encrypted (DESIGN §5 "Privacy").
    pub sealed: Arc<Sealed>,
}

/// Ciphertext that belongs to one record; opaque here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The id that the sealed bytes are bound to.
    pub record: i64,
    pub wrapped_key: Vec<u8>,
    pub identity: Vec<u8>,
    pub document: Vec<u8>,
}

impl World {
    /// Makes a decided change visible to the commands decided after it in the same batch.
    pub fn apply(&mut self, changes: &Changes) {
        if let Some(issued) = &changes.prescription {
            let new = &issued.prescription;
            self.numbers.insert((new.institution_id, new.facts.hosp_rxno.clone()), new.id);
            self.prescriptions.insert(new.id, Arc::clone(new));
        }
        if let Some(circulation) = &changes.circulation {
            self.circulations.insert(circulation.prescription_id, circulation.clone());
        }
        for dispensing in &changes.dispensings {
            self.dispensings.insert(dispensing.id, dispensing.clone());
        }
        for one in &changes.boxes {
            self.boxes.insert(one.trace_code.clone(), one.clone());
        }
        for (key, usage) in &changes.usages {
            self.usages.insert(key.clone(), usage.clone());
        }
        if let Some(new) = &changes.settlement {
            self.settlements.insert(new.dispensing_id, new.clone());
        }
        if let Some(reversal) = &changes.reversal {
            self.settlements.retain(|_, one| one.id != reversal.settlement_id);
        }
        for entry in &changes.entries {
            let theirs = self.entries.entry(entry.person_id).or_default();
            theirs.retain(|one| one.id != entry.id);
            theirs.push(entry.clone());
        }
    }
    /// The registers of a person.
    pub fn entries_of(&self, person: PersonId) -> Entries<'_> {
        Entries(self.entries.get(&person).map(Vec::as_slice).unwrap_or_default())
    }
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.values().flatten().find(|entry| entry.id == id)
    }
    /// The dispensings of a prescription, oldest first.
    pub fn dispensings_of(&self, id: PrescriptionId) -> impl Iterator<Item = &Dispensing> {
        self.dispensings.values().filter(move |one| one.prescription_id == id)
    }
}

impl Keys {
    /// The prescriptions that a batch works on.
    pub fn prescriptions<'a>(all: impl IntoIterator<Item = &'a Keys>) -> BTreeSet<PrescriptionId> {
        all.into_iter().filter_map(|keys| keys.prescription).collect()
    }
}
