//! Where a prescription is on its way: everything about it that changes, apart from the document itself.
//!
//! Leases and validity are computed here from `now`; the worker only records what this says (DESIGN §3).

use crate::institution::{InstitutionId, PoolingArea};
use crate::lifecycle::{Review, State, Step};
use crate::line_states::LineStates;
use crate::moment::Moment;
use crate::prescription::{PersonId, PrescriptionId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circulation {
    pub prescription_id: PrescriptionId,
    /// The hospital that issued it.
    pub institution_id: InstitutionId,
    pub person_id: PersonId,
    pub pooling_area: PoolingArea,
    pub state: State,
    pub valid_until: Moment,
    /// Which issue of the pick-up token is the current one.
    pub pickup_rotation: i32,
    /// How often it was claimed: an authorisation at a counter is good for one claim.
    pub claims: i32,
    /// The pharmacy that the patient chose; a pharmacy's work list shows these and what it holds.
    pub chosen_pharmacy: Option<InstitutionId>,
    pub holder: Option<Holder>,
    /// Until when the pharmacy may confirm that nothing was handed over.
    pub frozen_until: Option<Moment>,
    /// What has become of single lines.
    pub lines: LineStates,
}

/// The pharmacy that holds the prescription, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub pharmacy_id: InstitutionId,
    pub lease_until: Moment,
    pub review: Review,
    /// National code of the pharmacist who reviewed.
    pub reviewer: Option<Box<str>>,
}

impl Circulation {
    /// What time alone has done by `now`, if anything: expiry goes before the end of a lease.
    pub fn overdue(&self, now: Moment) -> Option<Step> {
        match self.state {
            State::Open | State::Claimed if now >= self.valid_until => Some(Step::ValidityEnd),
            State::Claimed
                if self.holder.as_ref().is_none_or(|holder| now >= holder.lease_until) =>
            {
                Some(Step::LeaseEnd)
            }
            State::Frozen if self.frozen_until.is_none_or(|until| now >= until) => {
                Some(Step::ConfirmNothingLeft)
            }
            _ => None,
        }
    }
    /// The state as it is at `now`, recorded or not.
    pub fn state_at(&self, now: Moment) -> State {
        self.overdue(now).and_then(|step| self.state.next(step).ok()).unwrap_or(self.state)
    }
    /// The first instant at which time alone will change something.
    pub fn due_at(&self) -> Option<Moment> {
        match self.state {
            State::Open => Some(self.valid_until),
            State::Claimed => {
                let lease = self.holder.as_ref().map(|holder| holder.lease_until);
                Some(lease.map_or(self.valid_until, |until| until.min(self.valid_until)))
            }
            State::Frozen => self.frozen_until.or(Some(self.valid_until)),
            _ => None,
        }
    }
}
