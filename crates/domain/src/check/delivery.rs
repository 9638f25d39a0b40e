//! Drugs that are brought to the patient: after settlement, kept cold where they must be, signed for.
//!
//! Knows no courier. Serves RTE-06.

use crate::finding::{Finding, Severity};
use crate::institution::Institution;
use crate::prescription::Facts;
use crate::region::PharmacyPolicy;

/// A step of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStep {
    Dispatch {
        settled: bool,
    },
    /// Whoever took it showed who they are.
    SignedFor {
        identity_shown: bool,
    },
}

/// Rule: RTE-06 — Delivered after settlement by a pharmacy that delivers, signed for with identity
pub fn delivery(
    step: DeliveryStep,
    facts: &Facts,
    pharmacy: &Institution,
    policy: &PharmacyPolicy,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut hold = |is: bool, zh: &str, en: &str| {
        if is {
            found.push(Finding::new("RTE-06", Severity::Hold, zh, en));
        }
    };
    match step {
        DeliveryStep::Dispatch { settled } => {
            let able = pharmacy.abilities;
            hold(!settled, "结算后方可配送。", "Delivered only after settlement.");
            hold(!able.delivery, "该药店未开通配送服务。", "This pharmacy does not deliver.");
            let cold = facts.lines.iter().any(|line| line.details.cold_chain);
            let (zh, en) = (
                "冷链药品须由有冷链能力的药店配送。",
                "What must be kept cold needs a cold chain.",
            );
            hold(cold && !able.cold_chain, zh, en);
        }
        DeliveryStep::SignedFor { identity_shown } => {
            let asked = policy.delivery_identity.value;
            let (zh, en) =
                ("签收须核验身份并留存，请补核。", "Signed for without identity: verify it.");
            hold(asked && !identity_shown, zh, en);
        }
    }
    found
}
