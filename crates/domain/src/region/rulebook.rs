//! The rules of RULES §1 that decide something, whether a region may differ, and the severities that
//! the text names for them.
//!
//! Data alone. `Varies` is the column of that name; where the text of a rule or of DESIGN §3 leaves
//! a choice, the row has it.

use crate::finding::Severity::{self, Clue, Hold, Reject, SelfPay, Warn};

/// Who may set a rule's severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Varies {
    /// The same everywhere: nobody softens or hardens it.
    Nation,
    Province,
    Area,
}

/// One rule as the book has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: &'static str,
    pub varies: Varies,
    /// What the rule may come to, heaviest first.
    pub severities: &'static [Severity],
}

impl Entry {
    /// No payment and no dispensing depends on it: it may be on trial anywhere.
    pub fn only_tells(&self) -> bool {
        self.severities.iter().all(|severity| matches!(severity, Warn | Clue))
    }
}

/// The row of a rule; `None`: there is no such rule.
pub fn entry(id: &str) -> Option<&'static Entry> {
    BOOK.iter().find(|entry| entry.id == id)
}

/// Every row of the book.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = &'static Entry> {
    BOOK.iter()
}

const fn n(id: &'static str, severities: &'static [Severity]) -> Entry {
    Entry { id, varies: Varies::Nation, severities }
}
const fn p(id: &'static str, severities: &'static [Severity]) -> Entry {
    Entry { id, varies: Varies::Province, severities }
}
const fn c(id: &'static str, severities: &'static [Severity]) -> Entry {
    Entry { id, varies: Varies::Area, severities }
}

const BOOK: &[Entry] = &[
    n("CAT-01", &[SelfPay, Warn]),
    n("CAT-02", &[Warn]),
    n("CAT-03", &[SelfPay, Warn]),
    n("CAT-05", &[SelfPay]),
    p("CAT-06", &[SelfPay, Warn]),
    p("CAT-07", &[SelfPay, Warn]),
    p("CAT-08", &[Reject, SelfPay, Warn]),
    p("CAT-09", &[SelfPay]),
    n("CAT-10", &[SelfPay, Warn, Clue]),
    n("CAT-12", &[SelfPay]),
    n("CAT-13", &[SelfPay, Clue]),
    n("CAT-14", &[Reject, Warn]),
    p("RX-01", &[Reject]),
    n("RX-02", &[Reject, Warn]),
    n("RX-03", &[Reject, Warn]),
    n("RX-04", &[Reject, Warn]),
    n("RX-05", &[Reject, Warn]),
    n("RX-06", &[Reject]),
    n("RX-07", &[Reject, Warn]),
    n("RX-09", &[Reject]),
    n("RX-10", &[Reject]),
    n("RX-11", &[Reject]),
    p("RX-12", &[Reject, Warn]),
    n("RX-13", &[Reject, SelfPay, Warn]),
    n("RX-14", &[Reject, Warn]),
    n("RX-15", &[Clue]),
    n("RX-16", &[Reject, Hold]),
    n("RX-17", &[Warn]),
    n("RX-18", &[Hold, Warn]),
    c("RX-19", &[SelfPay, Warn]),
    n("RX-20", &[Warn]),
    p("DC-01", &[SelfPay, Warn]),
    p("DC-02", &[SelfPay, Warn]),
    p("DC-03", &[Reject, SelfPay, Warn]),
    p("DC-04", &[Reject, Hold, SelfPay, Warn]),
    n("DC-06", &[Clue]),
    c("DC-07", &[Reject]),
    c("DC-08", &[Reject, Hold]),
    p("DC-09", &[Clue]),
    p("PH-01", &[Reject, Warn]),
    p("PH-03", &[Reject, Warn]),
    n("PH-04", &[Reject, Clue]),
    n("PH-05", &[Hold]),
    c("PH-06", &[Reject]),
    c("PH-07", &[Reject]),
    c("RTE-02", &[Reject, Warn]),
    c("RTE-03", &[Reject]),
    c("RTE-04", &[Reject, SelfPay]),
    n("RTE-05", &[SelfPay, Warn]),
    c("RTE-06", &[Hold, Warn]),
    n("RV-01", &[Reject, Hold]),
    n("RV-02", &[Reject, Clue]),
    p("RV-03", &[Warn]),
    n("RV-04", &[Reject]),
    n("RV-05", &[Reject]),
    n("RV-06", &[Hold, Warn]),
    n("DS-01", &[Reject]),
    n("DS-02", &[Reject]),
    n("DS-03", &[Reject]),
    n("DS-04", &[Reject, Clue]),
    n("DS-05", &[Reject]),
    n("DS-06", &[Reject, Warn]),
    n("DS-07", &[Reject, Hold]),
    n("DS-08", &[Hold]),
    n("DS-09", &[Reject]),
    n("PRC-01", &[SelfPay, Warn]),
    n("PRC-02", &[SelfPay, Warn]),
    p("PRC-03", &[SelfPay, Warn]),
    p("PRC-03b", &[SelfPay, Warn]),
    n("PRC-04", &[SelfPay, Warn]),
    c("PRC-05", &[SelfPay, Warn, Clue]),
    n("PRC-06", &[Clue]),
    p("PRC-07", &[Warn]),
    n("PRC-08", &[Clue]),
    p("PRC-09", &[Clue]),
    c("PRC-10", &[Clue]),
    n("PRC-11", &[Clue]),
    n("PRC-12", &[Warn, Clue]),
    n("PRC-13", &[Clue]),
    p("PRC-16", &[Warn]),
    c("BEN-01", &[Hold, SelfPay, Warn]),
    c("BEN-05", &[SelfPay]),
    p("BEN-06", &[Hold, SelfPay, Warn]),
    p("BEN-07", &[SelfPay, Warn]),
    c("BEN-08", &[Hold, SelfPay, Warn]),
    n("SET-01", &[Reject]),
    n("SET-02", &[Reject]),
    n("SET-03", &[Reject]),
    n("PTS-03", &[Reject]),
    n("PTS-04", &[Reject]),
    c("PTS-05", &[Hold, Warn]),
];
