//! A prescription looked at again on another day: what the day of settlement changes for the patient.
//!
//! Serves CAT-02.

use super::Coverage;
use crate::finding::{Finding, Severity};
use crate::prescription::Verdict;

/// Rule: CAT-02 — The edition of the settlement date decides; a line that it pays otherwise than that of issue is shown
pub fn changed_since_issue(at_issue: &Verdict, now: &Coverage) -> Vec<Finding> {
    if at_issue.edition == now.edition {
        return Vec::new();
    }
    let changed = now.lines.iter().filter(|line| {
        line.payable == at_issue.findings.iter().any(|one| one.withholds(line.line_no))
    });
    let (before, after) = (&at_issue.edition, &now.edition);
    let tell = |line: &super::LineCoverage| {
        let (zh, en) = match line.payable {
            true => ("可支付", "pays"),
            false => ("不再支付", "no longer pays"),
        };
        let zh =
            format!("开方日目录 {before} 版与结算日 {after} 版结果不同：结算日{zh}，请告知患者。");
        let en = format!(
            "Edition {before} of the day of issue and {after} of settlement differ: the latter {en}; tell the patient."
        );
        let finding = Finding::new("CAT-02", Severity::Warn, zh, en);
        finding.on_line(line.line_no).by_edition(after)
    };
    changed.map(tell).collect()
}
