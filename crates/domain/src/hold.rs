//! A line that waits for a named person: by which rule, who decides, until when, and what they decided (DESIGN §3 "Checks").
//!
//! A hold is about the fund's money, never about the drug: silence until the deadline means that the fund does not pay, and the
//! patient may still buy. Time is computed: whoever asks says what time it is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finding::{Finding, Severity};
use crate::moment::Moment;
use crate::region::HoldPolicy;

/// Who decides a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decider {
    /// The prescribing hospital.
    Doctor,
    /// The insurance agency of the pooling area.
    Agency,
    Regulator,
}

impl Decider {
    /// Who decides what a rule holds: what is clinical goes to the doctor, what is about a sanction to the regulator.
    pub fn of(rule: &str) -> Decider {
        match rule {
            "RX-18" | "RV-06" => Decider::Doctor,
            "PH-05" | "PTS-05" => Decider::Regulator,
            _ => Decider::Agency,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// Rule id as in docs/rules.md.
    pub rule: Box<str>,
    /// The line it is about; none: every line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line_no: Option<i32>,
    pub decider: Decider,
    /// Undecided by then, the fund does not pay.
    pub until: Moment,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<HoldDecision>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldDecision {
    pub allowed: bool,
    /// Code of the person who decided.
    pub by: Box<str>,
    pub at: Moment,
}

/// What a hold comes to at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Waiting,
    Allowed,
    /// By decision, or by silence until the deadline.
    Denied,
}

impl Hold {
    /// The hold that a finding makes.
    fn of(finding: &Finding, policy: &HoldPolicy, now: Moment) -> Hold {
        let decider = Decider::of(&finding.rule);
        let until = now.plus(policy.deadline_ms(decider));
        Hold {
            rule: finding.rule.clone(),
            line_no: finding.line_no,
            decider,
            until,
            decision: None,
        }
    }
    pub fn outcome(&self, now: Moment) -> Outcome {
        match &self.decision {
            Some(HoldDecision { allowed: true, .. }) => Outcome::Allowed,
            Some(_) => Outcome::Denied,
            None if now < self.until => Outcome::Waiting,
            None => Outcome::Denied,
        }
    }
    pub fn is_about(&self, line_no: i32) -> bool {
        self.line_no.is_none_or(|no| no == line_no)
    }
}

/// One hold per finding that holds; a rule holds a line once.
pub fn holds(findings: &[Finding], policy: &HoldPolicy, now: Moment) -> Vec<Hold> {
    let mut holds: Vec<Hold> = Vec::new();
    for finding in findings.iter().filter(|one| one.severity == Severity::Hold) {
        let known = |one: &Hold| one.rule == finding.rule && one.line_no == finding.line_no;
        if !holds.iter().any(known) {
            holds.push(Hold::of(finding, policy, now));
        }
    }
    holds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(decision: Option<bool>) -> Hold {
        let until = Moment::from_millis(1_000);
        let decided =
            |allowed| HoldDecision { allowed, by: "A1".into(), at: Moment::from_millis(1) };
        let decision = decision.map(decided);
        Hold { rule: "BEN-01".into(), line_no: Some(2), decider: Decider::Agency, until, decision }
    }

    #[test]
    fn silence_until_the_deadline_denies_and_a_decision_holds_for_ever() {
        for (decision, before, after) in [
            (None, Outcome::Waiting, Outcome::Denied),
            (Some(true), Outcome::Allowed, Outcome::Allowed),
            (Some(false), Outcome::Denied, Outcome::Denied),
        ] {
            let hold = hold(decision);
            assert_eq!(hold.outcome(Moment::from_millis(999)), before);
            assert_eq!(hold.outcome(Moment::from_millis(1_000)), after);
        }
    }

    #[test]
    fn a_hold_without_a_line_is_about_every_line() {
        assert!(hold(None).is_about(2) && !hold(None).is_about(1));
        assert!(Hold { line_no: None, ..hold(None) }.is_about(1));
    }
}
