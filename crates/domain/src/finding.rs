//! What a check says of a prescription: one finding per rule and place, all of them at once, in two languages.
//!
//! Knows severities (RULES §1); does not know the rules.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How heavy a finding is, heaviest first (RULES "Severity").
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The prescription is not taken.
    Reject,
    /// The line waits until a named person decides.
    Hold,
    /// The line goes on; the fund pays nothing for it.
    SelfPay,
    /// Goes on; the reason is recorded.
    Warn,
    /// A lead for the regulator; no effect here.
    Clue,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Reject => "reject",
            Severity::Hold => "hold",
            Severity::SelfPay => "self_pay",
            Severity::Warn => "warn",
            Severity::Clue => "clue",
        })
    }
}

/// One thing that a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Rule id as in docs/rules.md, such as `CAT-10`.
    pub rule: Box<str>,
    pub severity: Severity,
    /// The line it is about; none: the whole prescription.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line_no: Option<i32>,
    pub message_zh: Box<str>,
    pub message_en: Box<str>,
    /// What the rule looked at: the restriction's text, the age, the date. Never an identity.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Box<str>>,
    /// The catalogue edition it was judged by, where one mattered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub edition: Option<Box<str>>,
    /// The severity it would have had: the rule is on trial in this region, nothing follows from it and it is no lead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_trial: Option<Severity>,
}

/// Puts findings in the order in which they are told: the heaviest first, then by line and rule. The same findings always
/// come in the same order.
pub fn in_order(findings: &mut [Finding]) {
    findings.sort_by(|a, b| a.rank().cmp(&b.rank()));
}

impl Finding {
    fn rank(&self) -> (Severity, Option<i32>, &str) {
        (self.severity, self.line_no, &self.rule)
    }
    /// A finding about the whole prescription.
    pub fn new(
        rule: &str,
        severity: Severity,
        zh: impl Into<Box<str>>,
        en: impl Into<Box<str>>,
    ) -> Finding {
        Finding {
            rule: rule.into(),
            severity,
            line_no: None,
            message_zh: zh.into(),
            message_en: en.into(),
            evidence: None,
            edition: None,
            on_trial: None,
        }
    }
    /// A note of a rule on trial: what it would have come to, and no effect.
    pub fn on_trial(mut self, severity: Severity) -> Finding {
        if self.on_trial.is_none() {
            self.on_trial = Some(severity);
            self.severity = Severity::Clue;
        }
        self
    }
    /// Does it leave this line to the patient? A finding without a line is about all of them.
    pub fn is_self_pay(&self, line_no: i32) -> bool {
        self.severity == Severity::SelfPay && self.line_no.is_none_or(|no| no == line_no)
    }
    /// Does it keep the fund from paying this line, for good or for now?
    pub fn withholds(&self, line_no: i32) -> bool {
        self.severity <= Severity::SelfPay && self.line_no.is_none_or(|no| no == line_no)
    }
    pub fn on_line(mut self, line_no: i32) -> Finding {
        self.line_no = Some(line_no);
        self
    }
    pub fn because(mut self, evidence: impl Into<Box<str>>) -> Finding {
        self.evidence = Some(evidence.into());
        self
    }
    pub fn by_edition(mut self, edition: &str) -> Finding {
        self.edition = Some(edition.into());
        self
    }
}
