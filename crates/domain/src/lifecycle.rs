//! The states of a prescription and the only ways between them (DESIGN §3). One pure function, one table test.
//!
//! Knows no time and no owner: whether a lease or a validity has ended is asked in [`crate::circulation`].

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::refusal::Reason;

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// May be claimed by any eligible pharmacy.
    Open,
    /// Held by one pharmacy under a lease.
    Claimed,
    /// Being revoked while something is prepared: nothing may be settled or handed over.
    Frozen,
    /// A pharmacist finally refused it.
    Refused,
    /// Used up: settled or paid by the patient.
    Completed,
    Revoked,
    Expired,
}

/// What can happen to a prescription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Claim,
    /// The pharmacy gives it back.
    Release,
    /// The lease ran out.
    LeaseEnd,
    RefuseFinally,
    /// The last line was settled or paid by the patient.
    UseUp,
    /// The hospital takes it back while nothing is prepared.
    Revoke,
    /// The hospital takes it back while a dispensing is prepared.
    Freeze,
    /// The pharmacy confirms that nothing was handed over, or the deadline passed in silence.
    ConfirmNothingLeft,
    ValidityEnd,
}

impl State {
    pub const ALL: [State; 7] = [
        State::Open,
        State::Claimed,
        State::Frozen,
        State::Refused,
        State::Completed,
        State::Revoked,
        State::Expired,
    ];

    /// Nothing leads out of these.
    pub fn is_terminal(self) -> bool {
        matches!(self, State::Refused | State::Completed | State::Revoked | State::Expired)
    }

    /// The state after `step`, or why there is none.
    ///
    /// Rule: RX-10 — Steps come in their order; one out of order is refused with the reason of the state
    pub fn next(self, step: Step) -> Result<State, Reason> {
        use State::{Claimed, Completed, Expired, Frozen, Open, Refused, Revoked};
        match (self, step) {
            (Open, Step::Claim) => Ok(Claimed),
            (Claimed, Step::Release | Step::LeaseEnd) => Ok(Open),
            (Claimed, Step::RefuseFinally) => Ok(Refused),
            (Claimed, Step::UseUp) => Ok(Completed),
            (Open | Claimed, Step::Revoke) => Ok(Revoked),
            (Claimed, Step::Freeze) => Ok(Frozen),
            (Frozen, Step::ConfirmNothingLeft) => Ok(Revoked),
            (Open | Claimed, Step::ValidityEnd) => Ok(Expired),
            (Claimed, Step::Claim) => Err(Reason::AlreadyClaimed),
            (Open | Claimed, _) => Err(Reason::NotClaimed),
            (Frozen, _) => Err(Reason::PrescriptionFrozen),
            (Refused, _) => Err(Reason::PrescriptionRefused),
            (Completed, _) => Err(Reason::PrescriptionUsed),
            (Revoked, _) => Err(Reason::PrescriptionRevoked),
            (Expired, _) => Err(Reason::PrescriptionExpired),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// State of the dispensing pharmacist's review that follows a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    Pending,
    Approved,
    /// The doctor was asked.
    Queried,
    Refused,
}

/// State of one dispensing: one visit to one pharmacy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DispensingState {
    /// Boxes scanned and reserved, quote made.
    Prepared,
    /// Fund and patient paid; boxes sold.
    Settled,
    /// The patient paid everything; boxes sold.
    SelfPaid,
    HandedOver,
    /// Given up before settlement; boxes free again.
    Released,
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 9] = [
        Step::Claim,
        Step::Release,
        Step::LeaseEnd,
        Step::RefuseFinally,
        Step::UseUp,
        Step::Revoke,
        Step::Freeze,
        Step::ConfirmNothingLeft,
        Step::ValidityEnd,
    ];

    /// Rows: state; columns: [`STEPS`]. `-` is a refusal. Drawn by hand from DESIGN §3, not from the code.
    const TABLE: &str = "
        Open      Claimed -    -    -       -         Revoked -      -       Expired
        Claimed   -       Open Open Refused Completed Revoked Frozen -       Expired
        Frozen    -       -    -    -       -         -       -      Revoked -
        Refused   -       -    -    -       -         -       -      -       -
        Completed -       -    -    -       -         -       -      -       -
        Revoked   -       -    -    -       -         -       -      -       -
        Expired   -       -    -    -       -         -       -      -       -
    ";

    // proves: RX-10, RX-11, DS-01
    #[test]
    fn every_state_and_step_leads_where_the_design_says() {
        let rows: Vec<Vec<&str>> = TABLE
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|row| !row.is_empty())
            .collect();
        assert_eq!(rows.len(), State::ALL.len());
        for (state, row) in State::ALL.iter().zip(&rows) {
            assert_eq!(format!("{state:?}"), row[0]);
            for (step, expected) in STEPS.iter().zip(&row[1..]) {
                let got = state.next(*step).map_or("-".to_owned(), |next| format!("{next:?}"));
                assert_eq!(got, **expected, "{state:?} + {step:?}");
            }
        }
    }

    #[test]
    fn nothing_leaves_a_terminal_state() {
        for state in State::ALL.iter().filter(|state| state.is_terminal()) {
            assert!(STEPS.iter().all(|step| state.next(*step).is_err()), "{state:?}");
        }
    }
}
