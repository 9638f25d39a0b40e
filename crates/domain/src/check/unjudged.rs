//! Rules of RULES §1 that nothing here judges, each with the reason, for docs/rules.md.
//!
//! Data alone: a rule leaves this list when a function keeps it.

/// A rule that is not judged in this gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unjudged {
    pub rule: &'static str,
    pub what: &'static str,
    /// Whose it is instead, or what is missing.
    pub why: &'static str,
}

const fn u(rule: &'static str, what: &'static str, why: &'static str) -> Unjudged {
    Unjudged { rule, what, why }
}

/// Every rule that is not judged here.
pub const UNJUDGED: &[Unjudged] = &[
    u(
        "RX-15",
        "No hospital steers patients to one pharmacy",
        "needs the flow of many prescriptions: a lead of supervision, never of one prescription",
    ),
    u(
        "PH-02",
        "Assessment, public notice and re-assessment of a pharmacy",
        "the agency's procedure before designation; the gateway sees only its outcome",
    ),
    u(
        "DC-09",
        "A dual-channel pharmacy in every county",
        "a report over the registry, not a finding about a prescription",
    ),
    u(
        "PRC-06",
        "No markup on drugs in public hospitals",
        "hospitals sell nothing through the gateway and send no purchase price",
    ),
    u(
        "PRC-08",
        "No two prices for insured and others on one day",
        "sales to persons who are not insured are not reported here",
    ),
    u(
        "PRC-09",
        "Price above the province's mode price",
        "needs the sales of a province over months: a lead of supervision",
    ),
    u("PRC-10", "Price beside the online price", "online prices are not public in bulk"),
    u(
        "PRC-11",
        "Four-same price gaps",
        "needs the national monitor price of each product, which is not public",
    ),
    u(
        "PRC-12",
        "Dear non-selected drugs prescribed without reason",
        "needs a doctor's prescriptions over months and the share that is the target: supervision",
    ),
    u(
        "PRC-14",
        "Prepayment and payment of makers in time",
        "money between fund, hospital and maker does not pass the gateway",
    ),
    u("PRC-15", "Retained surplus", "a yearly account of the agency"),
    u(
        "PRC-16",
        "Listed price of a selected maker that does not supply the province",
        "listed prices of the platforms are not public in bulk",
    ),
    u("PTS-01", "Who has points", "the agency's register; only its outcome is read (PTS-03)"),
    u(
        "PTS-02",
        "How points are counted",
        "the agency's register; only its outcome is read (PTS-03)",
    ),
    u(
        "PTS-06",
        "Local rules about points",
        "the agency's register; only its outcome is read (PTS-03)",
    ),
];
