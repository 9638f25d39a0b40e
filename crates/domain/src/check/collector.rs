//! Who collects: the person, or somebody for the person, both identities recorded.
//!
//! Knows keyed hashes only, never an identity; that the person is the person is proven at the counter. Serves RX-16.

use chrono::NaiveDate;

use crate::finding::{Finding, Severity};
use crate::moment::Moment;
use crate::region::ProxyPolicy;
use crate::register::Entries;

/// May somebody else, known by the keyed hash of the certificate, collect for the person? `as_of`: when the register of
/// proxies was last loaded.
///
/// Rule: RX-16 — Somebody else collects only as a recorded proxy
pub fn proxy(
    identity_hash: &str,
    entries: Entries<'_>,
    as_of: Option<Moment>,
    policy: &ProxyPolicy,
    day: NaiveDate,
) -> Option<Finding> {
    let (severity, zh, en) = if !policy.allowed.value {
        (
            Severity::Reject,
            "本地区不允许代取，请患者本人取药。",
            "Nobody may collect for another here: the patient must come.",
        )
    } else if !policy.registered_only.value || entries.is_proxy(identity_hash, day) {
        return None;
    } else if as_of.is_none() {
        (
            Severity::Hold,
            "本地区代取人登记尚未导入，请经办机构确认后取药。",
            "The register of proxies is not loaded: the agency must confirm.",
        )
    } else {
        (
            Severity::Reject,
            "代取人未登记，请先登记代取关系或由患者本人取药。",
            "Not a registered proxy: register first, or the patient comes.",
        )
    };
    Some(Finding::new("RX-16", severity, zh, en))
}
