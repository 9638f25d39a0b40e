//! What came of a case beside what must come of it, in words.
//!
//! Knows the notation of [`RuleCase`]; knows no rule.

use super::{Judged, RuleCase};
use crate::check::LineCoverage;
use crate::finding::{Finding, Severity};

impl Judged {
    /// Every difference from what the case expects; empty when all is as it must be.
    pub fn differences(&self, case: &RuleCase) -> Vec<String> {
        let mut differences = Vec::new();
        let mut left: Vec<String> =
            self.findings.iter().filter(|one| counts(one, case)).map(notation).collect();
        for expected in &case.expect {
            match left.iter().position(|found| found == expected) {
                Some(at) => drop(left.remove(at)),
                None => differences.push(format!("missing: {expected}")),
            }
        }
        differences.extend(left.into_iter().map(|found| format!("unexpected: {found}")));
        self.fields(case, &mut differences);
        self.money(case, &mut differences);
        if case.edition.as_ref().is_some_and(|edition| *edition != self.edition) {
            differences.push(format!("edition {}", self.edition));
        }
        differences
    }

    fn fields(&self, case: &RuleCase, differences: &mut Vec<String>) {
        let mut found: Vec<&str> = self.faults.iter().map(|fault| &*fault.field).collect();
        let mut expected: Vec<&str> = case.faults.iter().map(String::as_str).collect();
        found.sort_unstable();
        expected.sort_unstable();
        if found != expected {
            differences.push(format!("faults {found:?} instead of {expected:?}"));
        }
    }

    fn money(&self, case: &RuleCase, differences: &mut Vec<String>) {
        let lines: &[LineCoverage] = self.coverage.as_ref().map_or(&[], |covered| &covered.lines);
        if let Some(pays) = &case.pays {
            let payable = lines.iter().filter(|line| line.payable).map(|line| line.line_no);
            let payable: Vec<i32> = payable.collect();
            if payable != *pays {
                differences.push(format!("pays {payable:?} instead of {pays:?}"));
            }
        }
        for terms in &case.terms {
            let mut words = terms.split_whitespace();
            let no: Option<i32> = words.next().and_then(|no| no.parse().ok());
            let Some(line) = lines.iter().find(|line| Some(line.line_no) == no) else {
                differences.push(format!("{terms}: no such line"));
                continue;
            };
            while let Some(word) = words.next() {
                let expected = words.next().unwrap_or("");
                let found = self.term(line, word);
                if found != expected {
                    differences.push(format!("{terms}: {word} {found}"));
                }
            }
        }
    }

    fn term(&self, line: &LineCoverage, word: &str) -> String {
        let benefit = self.benefits.get(&line.line_no);
        let none = || "none".to_owned();
        match word {
            "first" => line.first_self_pay.to_string(),
            "standard" => line.standard.map_or_else(none, |one| one.to_string()),
            "path" => line.path.map_or("none", |path| path.key()).to_owned(),
            "verified" => line.verified.to_string(),
            "kinds" => {
                self.coverage.as_ref().map_or_else(String::new, |covered| covered.kinds.join("+"))
            }
            "ratio" => benefit.map_or_else(none, |one| one.ratio.to_string()),
            "cap" => benefit.and_then(|one| one.cap).map_or_else(none, |cap| cap.to_string()),
            other => format!("(no such word: {other})"),
        }
    }
}

/// A code that is only unverified is the rule of every case here: real codes are not the point.
fn counts(finding: &Finding, case: &RuleCase) -> bool {
    let about = |one: &String| one.contains("CAT-14");
    let unverified = &*finding.rule == "CAT-14" && finding.severity == Severity::Warn;
    !unverified || case.expect.iter().any(about) || case.rules.iter().any(about)
}

/// `severity RULE line`, and ` on trial` for a note of a rule on trial.
fn notation(finding: &Finding) -> String {
    let line = finding.line_no.map_or_else(String::new, |no| format!(" {no}"));
    let trial = finding.on_trial.map_or_else(String::new, |was| format!(" on trial as {was}"));
    format!("{} {}{line}{trial}", finding.severity, finding.rule)
}
