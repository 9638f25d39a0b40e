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
    /// Some lines were settled or paid by the patient; the others are open again (`by_line`).
    UseSome,
    /// The last line was settled or paid by the patient.
    UseUp,
    /// The hospital takes it back while nothing is prepared.
    Revoke,
    /// The hospital takes it back while a dispensing is prepared.
    Freeze,
    /// The pharmacy confirms that nothing was handed over, or the deadline passed in silence.
    ConfirmNothingLeft,
    ValidityEnd,
    /// A settlement is taken back before anything left the shop: the one way out of `Completed`.
    Reopen,
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

    /// Nothing can be collected any more; only taking a settlement back leads out of one of them.
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
            (Claimed, Step::Release | Step::LeaseEnd | Step::UseSome) => Ok(Open),
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
            (Completed, Step::Reopen) => Ok(Open),
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
    /// On the way to the patient.
    Dispatched,
    /// Came back: dispatched again, or handed over at the counter.
    DeliveryFailed,
    /// In the patient's hands.
    HandedOver,
    /// Given up before settlement; boxes free again.
    Released,
    /// The settlement was taken back.
    Reversed,
}

/// What can happen to a dispensing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DispensingStep {
    /// Fund and patient pay.
    Settle,
    /// The patient pays everything.
    SelfPay,
    HandOver,
    Dispatch,
    /// Somebody at the door takes the delivery.
    SignFor,
    FailDelivery,
    /// Given up while nothing is paid.
    Release,
    /// The settlement is taken back.
    Reverse,
}

impl DispensingState {
    pub const ALL: [DispensingState; 8] = [
        DispensingState::Prepared,
        DispensingState::Settled,
        DispensingState::SelfPaid,
        DispensingState::Dispatched,
        DispensingState::DeliveryFailed,
        DispensingState::HandedOver,
        DispensingState::Released,
        DispensingState::Reversed,
    ];

    /// Sold, whoever paid and wherever the boxes are.
    pub fn is_sold(self) -> bool {
        {
            use DispensingState::{Prepared, Released, Reversed};
            !matches!(self, Prepared | Released | Reversed)
        }
    }

    /// The state after `step`, or why there is none.
    pub fn next(self, step: DispensingStep) -> Result<DispensingState, Reason> {
        use DispensingState::{
            DeliveryFailed, Dispatched, HandedOver, Prepared, Released, Reversed, SelfPaid, Settled,
        };
        use DispensingStep as To;
        match (self, step) {
            (Prepared, To::Settle) => Ok(Settled),
            (Prepared, To::SelfPay) => Ok(SelfPaid),
            (Prepared, To::Release) => Ok(Released),
            (Settled | SelfPaid | DeliveryFailed, To::HandOver) => Ok(HandedOver),
            (Settled | SelfPaid | DeliveryFailed, To::Dispatch) => Ok(Dispatched),
            (Dispatched, To::SignFor) => Ok(HandedOver),
            (Dispatched, To::FailDelivery) => Ok(DeliveryFailed),
            (Settled | SelfPaid | DeliveryFailed | HandedOver, To::Reverse) => Ok(Reversed),
            (Prepared, _) => Err(Reason::NotSettled),
            (Reversed, _) => Err(Reason::AlreadyReversed),
            (Released, _) => Err(Reason::NotPrepared),
            (_, To::Settle | To::SelfPay | To::Release) => Err(Reason::AlreadySettled),
            (HandedOver, _) => Err(Reason::AlreadyHandedOver),
            (Dispatched, _) => Err(Reason::AlreadyDispatched),
            (Settled | SelfPaid | DeliveryFailed, _) => Err(Reason::NotDispatched),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 11] = [
        Step::Claim,
        Step::Release,
        Step::LeaseEnd,
        Step::RefuseFinally,
        Step::UseSome,
        Step::UseUp,
        Step::Revoke,
        Step::Freeze,
        Step::ConfirmNothingLeft,
        Step::ValidityEnd,
        Step::Reopen,
    ];

    /// Rows: state; columns: [`STEPS`]. `-` is a refusal. Drawn by hand from DESIGN §3, not from the code.
    const TABLE: &str = "
        Open      Claimed -    -    -       -    -         Revoked -      -       Expired -
        Claimed   -       Open Open Refused Open Completed Revoked Frozen -       Expired -
        Frozen    -       -    -    -       -    -         -       -      Revoked -       -
        Refused   -       -    -    -       -    -         -       -      -       -       -
        Completed -       -    -    -       -    -         -       -      -       -       Open
        Revoked   -       -    -    -       -    -         -       -      -       -       -
        Expired   -       -    -    -       -    -         -       -      -       -       -
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
    fn nothing_but_a_reversal_leaves_a_terminal_state() {
        for state in State::ALL.iter().filter(|state| state.is_terminal()) {
            let ways = STEPS.iter().filter(|step| state.next(**step).is_ok());
            let ways: Vec<&Step> = ways.collect();
            let only = if *state == State::Completed { vec![&Step::Reopen] } else { Vec::new() };
            assert_eq!(ways, only, "{state:?}");
        }
    }

    const DISPENSING_STEPS: [DispensingStep; 8] = [
        DispensingStep::Settle,
        DispensingStep::SelfPay,
        DispensingStep::HandOver,
        DispensingStep::Dispatch,
        DispensingStep::SignFor,
        DispensingStep::FailDelivery,
        DispensingStep::Release,
        DispensingStep::Reverse,
    ];

    /// Rows: state; columns: [`DISPENSING_STEPS`]. Drawn by hand from DESIGN §3 "Dispensing".
    const DISPENSING_TABLE: &str = "
        Prepared       Settled SelfPaid -          -          -          -              Released -
        Settled        -       -        HandedOver Dispatched -          -              -        Reversed
        SelfPaid       -       -        HandedOver Dispatched -          -              -        Reversed
        Dispatched     -       -        -          -          HandedOver DeliveryFailed -        -
        DeliveryFailed -       -        HandedOver Dispatched -          -              -        Reversed
        HandedOver     -       -        -          -          -          -              -        Reversed
        Released       -       -        -          -          -          -              -        -
        Reversed       -       -        -          -          -          -              -        -
    ";

    // proves: RTE-06
    #[test]
    fn a_dispensing_is_paid_before_it_leaves_and_leaves_once() {
        let rows = DISPENSING_TABLE.lines().map(|line| line.split_whitespace().collect());
        let rows: Vec<Vec<&str>> = rows.filter(|row: &Vec<&str>| !row.is_empty()).collect();
        assert_eq!(rows.len(), DispensingState::ALL.len());
        for (state, row) in DispensingState::ALL.iter().zip(&rows) {
            assert_eq!(format!("{state:?}"), row[0]);
            for (step, expected) in DISPENSING_STEPS.iter().zip(&row[1..]) {
                let got = state.next(*step).map_or("-".to_owned(), |next| format!("{next:?}"));
                assert_eq!(got, **expected, "{state:?} + {step:?}");
            }
        }
    }
}
