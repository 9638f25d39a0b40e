//! How a region tries, softens and hardens rules: shadow → warn → enforce, rule by rule.
//!
//! Only where the rulebook lets a region differ; everything else is refused when the file is read.
//! Serves DESIGN §3 "Checks". Knows no rule's meaning.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::figure::Figure;
use super::rulebook::{Entry, Varies, entry};
use super::section::Section;
use crate::finding::{Finding, Severity};

/// How far a rule reaches in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// On trial: its findings are notes without any effect.
    Shadow,
    /// Its findings warn at most.
    Warn,
    /// As the rule says; what holds without an entry.
    Enforce,
}

/// What a region says of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTerms {
    pub mode: Option<Figure<Mode>>,
    /// Takes the place of the severity of all its findings that are not leads.
    pub severity: Option<Figure<Severity>>,
}

/// The rules of which a region says something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleModes(BTreeMap<Box<str>, RuleTerms>);

impl RuleModes {
    pub fn mode(&self, rule: &str) -> Mode {
        let terms = self.0.get(rule).and_then(|terms| terms.mode.as_ref());
        terms.map_or(Mode::Enforce, |mode| mode.value)
    }
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RuleTerms)> {
        self.0.iter().map(|(rule, terms)| (&**rule, terms))
    }
    /// The finding as this region takes it. Applying twice changes nothing more.
    pub fn apply(&self, finding: Finding) -> Finding {
        let Some(terms) = self.0.get(&finding.rule) else { return finding };
        let own = terms.severity.as_ref().map(|figure| figure.value);
        let severity = match (finding.severity, own) {
            (Severity::Clue, _) | (_, None) => finding.severity,
            (_, Some(own)) => own,
        };
        match self.mode(&finding.rule) {
            Mode::Enforce => Finding { severity, ..finding },
            Mode::Warn => Finding { severity: severity.max(Severity::Warn), ..finding },
            Mode::Shadow => finding.on_trial(severity),
        }
    }
    /// All findings of a check, as this region takes them.
    pub fn apply_all(&self, findings: &mut Vec<Finding>) {
        if self.0.is_empty() {
            return;
        }
        let taken = std::mem::take(findings);
        findings.extend(taken.into_iter().map(|finding| self.apply(finding)));
    }
}

/// Reads `[rules.<ID>]`: a mode, a severity, or both.
pub(super) fn rules(of: &mut Section<'_>) -> Option<RuleModes> {
    let mut all = BTreeMap::new();
    for id in of.keys() {
        let terms = of.section(&id, |of| Some((of.optional("mode")?, of.optional("severity")?)));
        let Some((mode, severity)) = terms else { continue };
        let terms = RuleTerms { mode, severity };
        match entry(&id) {
            None => of.fault(&id, "there is no such rule"),
            Some(rule) => match refused(rule, &terms) {
                Some(message) => of.fault(&id, message),
                None => {
                    all.insert(id.into(), terms);
                }
            },
        }
    }
    Some(RuleModes(all))
}

/// Why the book does not let a region say this of the rule.
fn refused(rule: &Entry, terms: &RuleTerms) -> Option<String> {
    if terms.mode.is_none() && terms.severity.is_none() {
        return Some("says nothing: give a mode, a severity, or both".to_owned());
    }
    let national = rule.varies == Varies::Nation;
    let softened = terms.mode.as_ref().is_some_and(|mode| mode.value != Mode::Enforce);
    if national && softened && !rule.only_tells() {
        return Some("holds for the whole nation: a region may not soften it".to_owned());
    }
    let severity = terms.severity.as_ref()?.value;
    if national {
        return Some("holds for the whole nation: a region may not set its severity".to_owned());
    }
    (!rule.severities.contains(&severity)).then(|| {
        let words: Vec<String> = rule.severities.iter().map(Severity::to_string).collect();
        format!("cannot come to {severity}: the rule knows {}", words.join(", "))
    })
}
