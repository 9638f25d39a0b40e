//! One prescription on the desk: its circulation brought up to now, and the changes that a verb makes to it.
//!
//! Every verb on an existing prescription starts with [`Case::open`], so that what time alone has done (lease end,
//! expiry) is recorded before anything else is decided.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Decision, Desk};
use crate::circulation::{Circulation, Holder};
use crate::dispensing::{BoxState, Dispensing};
use crate::id::IdMaker;
use crate::institution::{InstitutionId, PoolingArea};
use crate::knowledge::Knowledge;
use crate::lifecycle::{DispensingState, State, Step};
use crate::moment::Moment;
use crate::prescription::{Prescription, PrescriptionId};
use crate::refusal::{Reason, Refusal};
use crate::region::Region;
use crate::register::Entry;
use crate::world::{Changes, Event, Notice, World};

pub struct Case<'a> {
    pub world: &'a World,
    pub knowledge: &'a Knowledge,
    pub now: Moment,
    ids: &'a mut IdMaker,
    pub prescription: Arc<Prescription>,
    pub circulation: Circulation,
    pub changes: Changes,
}

impl<'a> Case<'a> {
    /// Takes a prescription up. Refused: `NotFound`.
    pub fn open(desk: Desk<'a>, id: PrescriptionId) -> Result<Case<'a>, Refusal> {
        let Desk { world, knowledge, now, ids } = desk;
        let prescription = world.prescriptions.get(&id).ok_or(Reason::NotFound)?;
        let circulation = world.circulations.get(&id).ok_or(Reason::NotFound)?;
        let mut case = Case {
            world,
            knowledge,
            now,
            ids,
            prescription: Arc::clone(prescription),
            circulation: circulation.clone(),
            changes: Changes::default(),
        };
        while let Some(step) = case.circulation.overdue(now) {
            case.lapse(step)?;
        }
        Ok(case)
    }

    /// Takes a prescription up for the hospital that issued it; anybody else's is `NotFound`.
    pub fn of_hospital(
        desk: Desk<'a>,
        id: PrescriptionId,
        hospital: InstitutionId,
    ) -> Result<Case<'a>, Refusal> {
        let case = Case::open(desk, id)?;
        if case.circulation.institution_id != hospital {
            return Err(Reason::NotFound.into());
        }
        Ok(case)
    }

    /// Takes a prescription up for the pharmacy that holds it, and renews the lease: work is going on.
    ///
    /// Refused: the reason of the state, or `NotClaimed` when another pharmacy or nobody holds it.
    pub fn of_holder(
        desk: Desk<'a>,
        id: PrescriptionId,
        pharmacy: InstitutionId,
    ) -> Result<Case<'a>, Refusal> {
        let mut case = Case::open(desk, id)?;
        match case.circulation.state {
            State::Claimed => {}
            State::Open => return Err(Reason::NotClaimed.into()),
            other => {
                return Err(other.next(Step::UseUp).err().unwrap_or(Reason::NotClaimed).into());
            }
        }
        let until = case.lease_end()?;
        match &mut case.circulation.holder {
            // A promise of a drug that is ordered in may reach further than the counter's lease.
            Some(holder) if holder.pharmacy_id == pharmacy => {
                holder.lease_until = holder.lease_until.max(until);
            }
            _ => return Err(Reason::NotClaimed.into()),
        }
        Ok(case)
    }

    /// The registers of the patient, where the verb's keys asked for them: what the place of insurance keeps, and this one.
    pub fn entries(&self) -> Vec<Entry> {
        let (facts, here) = (&self.prescription.facts, &self.circulation.pooling_area);
        let region = self.region().ok();
        let counts = |area: &PoolingArea| {
            let pooled = region.is_some_and(|one| one.pools_with(area, facts.insurance));
            pooled || area == here || *area == facts.insured_area
        };
        self.world.entries_of(self.circulation.person_id).kept_by(counts)
    }

    /// Refused: the reason of a state in which nothing can be collected any more.
    pub fn living(&self) -> Result<(), Refusal> {
        let state = self.circulation.state;
        match state.next(Step::Claim) {
            Err(reason) if state.is_terminal() => Err(reason.into()),
            _ => Ok(()),
        }
    }

    /// The policy of the prescription's pooling area today.
    pub fn region(&self) -> Result<&'a Region, Refusal> {
        let area = &self.circulation.pooling_area;
        self.knowledge.region(area, self.now.civil_date()).ok_or_else(|| Reason::Internal.into())
    }

    /// When a counter lease that starts now ends: never after the prescription itself.
    pub fn lease_end(&self) -> Result<Moment, Refusal> {
        let lease = self.region()?.lease.counter_ms();
        Ok(self.now.plus(lease).min(self.circulation.valid_until))
    }

    pub fn holder(&self) -> Result<&Holder, Refusal> {
        self.circulation.holder.as_ref().ok_or_else(|| Reason::NotClaimed.into())
    }

    /// The dispensing that is prepared and not yet settled, if any, as changed so far.
    pub fn prepared(&self) -> Option<&'a Dispensing> {
        let released = |id| self.changes.dispensings.iter().any(|changed| changed.id == id);
        let open = |one: &&Dispensing| one.is_prepared() && !released(one.id);
        self.world.dispensings_of(self.circulation.prescription_id).find(open)
    }

    /// Moves the state by one step of the lifecycle; leaving `Claimed` ends the hold.
    pub fn step(&mut self, step: Step) -> Result<(), Refusal> {
        self.circulation.state = self.circulation.state.next(step)?;
        if matches!(self.circulation.state, State::Open | State::Revoked | State::Expired) {
            self.circulation.holder = None;
            self.circulation.frozen_until = None;
            self.release_prepared();
        }
        Ok(())
    }

    /// Records an event; its body holds ids and codes, never an identity.
    pub fn record(&mut self, kind: &'static str, actor: Option<InstitutionId>, body: Value) {
        let event = Event {
            id: self.ids.make(),
            prescription_id: Some(self.circulation.prescription_id),
            kind,
            actor,
            at: self.now,
            body,
        };
        self.changes.events.push(event);
    }

    /// Tells a partner of the event recorded last; one without an address polls and is not told.
    pub fn notify(&mut self, partner: InstitutionId) {
        let known = self.knowledge.registry.institution(partner);
        if known.is_none_or(|one| one.notify_url.is_none()) {
            return;
        }
        let Some(event) = self.changes.events.last() else { return };
        let prescription_id = self.circulation.prescription_id;
        let notice = Notice {
            event_id: event.id,
            partner,
            prescription_id,
            kind: event.kind,
            body: json!({
                "event_id": event.id, "kind": event.kind, "prescription_id": prescription_id,
                "hosp_rxno": self.prescription.facts.hosp_rxno, "state": self.circulation.state,
                "at": event.at,
            }),
        };
        self.changes.notices.push(notice);
    }

    /// Tells the hospital that issued the prescription of the event recorded last.
    pub fn notify_hospital(&mut self) {
        self.notify(self.circulation.institution_id);
    }

    /// An id for a new record.
    pub fn make_id<T>(&mut self) -> crate::id::Id<T> {
        self.ids.make()
    }

    /// Frees the boxes of a dispensing that is prepared and will not be settled.
    pub fn release_prepared(&mut self) {
        let Some(dispensing) = self.prepared() else { return };
        let boxes = dispensing.trace_codes().filter_map(|code| self.world.boxes.get(code));
        let reserved = boxes
            .filter(|one| one.dispensing_id == dispensing.id && one.state == BoxState::Reserved);
        for one in reserved {
            let free = crate::dispensing::DrugBox { state: BoxState::Free, ..one.clone() };
            self.changes.boxes.push(free);
        }
        let released = Dispensing { state: DispensingState::Released, ..dispensing.clone() };
        self.changes.dispensings.push(released);
    }

    /// Closes the case with a reply.
    pub fn done<R: Serialize>(mut self, reply: &R) -> Result<Decision, Refusal> {
        self.changes.circulation = Some(self.circulation);
        Decision::done(reply, self.changes)
    }

    fn lapse(&mut self, step: Step) -> Result<(), Refusal> {
        let holder = self.circulation.holder.as_ref().map(|holder| holder.pharmacy_id);
        self.step(step)?;
        let kind = match step {
            Step::ValidityEnd => "expired",
            Step::LeaseEnd => "lease_ended",
            _ => "revoked",
        };
        self.record(kind, None, json!({ "holder": holder, "state": self.circulation.state }));
        self.notify_hospital();
        if let Some(pharmacy) = holder {
            self.notify(pharmacy);
        }
        Ok(())
    }
}
