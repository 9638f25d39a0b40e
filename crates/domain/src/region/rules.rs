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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::{Region, rulebook};
    use super::*;

    const LHASA: &str = include_str!("../../../../catalogue/regions/540100.toml");

    fn read(text: &str) -> Region {
        Region::parse(text, "d").unwrap_or_else(|faults| panic!("{faults:#?}"))
    }

    #[test]
    fn a_region_softens_only_what_the_rulebook_lets_it() {
        for (entry, expected) in [
            (
                "[rules.CAT-99]\nmode = { value = \"shadow\", assumed = true }",
                Some("rules.CAT-99: there is no such rule"),
            ),
            (
                "[rules.CAT-01]\nmode = { value = \"shadow\", assumed = true }",
                Some("rules.CAT-01: holds for the whole nation: a region may not soften"),
            ),
            (
                "[rules.CAT-01]\nseverity = { value = \"warn\", assumed = true }",
                Some("rules.CAT-01: holds for the whole nation: a region may not set"),
            ),
            (
                "[rules.RX-19]\nseverity = { value = \"reject\", assumed = true }",
                Some("rules.RX-19: cannot come to reject: the rule knows self_pay, warn"),
            ),
            (
                "[rules.RX-19]\nmode = { value = \"quiet\", assumed = true }",
                Some("rules.RX-19.mode.value: "),
            ),
            (
                "[rules.RX-19]\nmode = { value = \"shadow\" }",
                Some("rules.RX-19.mode: needs a source"),
            ),
            ("[rules.RX-19]", Some("rules.RX-19: says nothing")),
            ("[rules.RX-19]\nmode = { value = \"shadow\", assumed = true }", None),
            ("[rules.PTS-05]\nseverity = { value = \"hold\", assumed = true }", None),
            ("[rules.DC-06]\nmode = { value = \"shadow\", assumed = true }", None),
        ] {
            let found =
                Region::parse(&format!("{LHASA}\n{entry}\n"), "d").err().unwrap_or_default();
            let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
            match expected {
                Some(start) => {
                    assert!(texts.iter().any(|one| one.starts_with(start)), "{entry}: {texts:?}")
                }
                None => assert!(texts.is_empty(), "{entry}: {texts:?}"),
            }
        }
    }

    #[test]
    fn a_rule_on_trial_leaves_a_note_that_is_neither_a_refusal_nor_a_lead() {
        let text =
            format!("{LHASA}\n[rules.RTE-04]\nmode = {{ value = \"shadow\", assumed = true }}\n");
        let rules = read(&text).rules;
        let note = rules.apply(Finding::new("RTE-04", Severity::SelfPay, "", ""));
        assert_eq!((note.severity, note.on_trial), (Severity::Clue, Some(Severity::SelfPay)));
        assert!(!note.is_self_pay(1));
        let other = Finding::new("CAT-01", Severity::SelfPay, "", "");
        assert_eq!(rules.apply(other.clone()), other);
    }

    #[test]
    fn no_rule_stands_in_the_book_twice() {
        let ids: BTreeSet<&str> = rulebook::all().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), rulebook::all().count());
        assert!(rulebook::all().all(|entry| entry.severities.is_sorted()));
    }

    fn finding() -> impl Strategy<Value = Finding> {
        let rule = prop_oneof![Just("RX-19"), Just("RTE-04"), Just("PTS-05"), Just("CAT-01")];
        let severity = prop_oneof![
            Just(Severity::Reject),
            Just(Severity::Hold),
            Just(Severity::SelfPay),
            Just(Severity::Warn),
            Just(Severity::Clue)
        ];
        (rule, severity).prop_map(|(rule, severity)| Finding::new(rule, severity, "", ""))
    }

    fn terms() -> impl Strategy<Value = String> {
        let mode = prop_oneof![Just("shadow"), Just("warn"), Just("enforce")];
        let hold = proptest::bool::ANY;
        (mode, hold).prop_map(|(mode, hold)| {
            let severity =
                if hold { "severity = { value = \"hold\", assumed = true }" } else { "" };
            let mode = format!("mode = {{ value = \"{mode}\", assumed = true }}");
            format!("{LHASA}\n[rules.PTS-05]\n{mode}\n{severity}\n[rules.RX-19]\n{mode}\n")
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_mode_only_lightens_and_taking_a_finding_twice_changes_nothing(
            text in terms(), finding in finding()
        ) {
            let rules = read(&text).rules;
            let once = rules.apply(finding.clone());
            prop_assert_eq!(rules.apply(once.clone()), once.clone());
            if rules.mode(&finding.rule) != Mode::Enforce {
                prop_assert!(once.severity >= Severity::Warn);
            }
            if finding.severity == Severity::Clue {
                prop_assert_eq!(once.severity, Severity::Clue);
            }
        }
    }
}
