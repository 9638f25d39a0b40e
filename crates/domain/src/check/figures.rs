//! Which figures of a policy a rule rests on, so that they can be shown with what it found.
//!
//! Data alone: key paths of the policy file; a path that ends in a dot means every figure below it.

/// Key paths by rule.
const FIGURES: &[(&str, &[&str])] = &[
    ("BEN-01", &["registers.insured"]),
    ("BEN-06", &["registers.benefit", "benefits.two_disease."]),
    ("BEN-07", &["registers.benefit"]),
    ("BEN-08", &["registers.benefit", "benefits.chronic_special."]),
    ("CAT-06", &["first_self_pay.local_item"]),
    ("CAT-09", &["granules.payable_from"]),
    ("DC-01", &["dual_channel.separate_payment"]),
    ("DC-02", &["dual_channel.separate_payment"]),
    ("DC-03", &["dual_channel.fixed_parties"]),
    (
        "DC-04",
        &[
            "dual_channel.entitlement_required",
            "dual_channel.entitlement_months_max",
            "registers.entitlement",
        ],
    ),
    ("DC-07", &["paper.dual_channel_refused_from"]),
    ("DC-08", &["paper.pooling_refused_from"]),
    ("DS-02", &["trace.required_from"]),
    ("DS-03", &["trace.exempt_kinds"]),
    ("PH-01", &["pharmacy.open_months_min", "pharmacy.pharmacists_min"]),
    ("PH-03", &["pharmacy.dual_channel_pharmacists_min", "pharmacy.dual_channel_years_min"]),
    ("PH-04", &["pharmacy.suspension_days_max"]),
    ("PRC-02", &["vbp.historic_prices"]),
    ("PRC-03", &["vbp.non_selected", "vbp.staged."]),
    ("PRC-04", &["vbp.non_selected"]),
    ("PRC-05", &["prices.listed_markup_max"]),
    ("PRC-07", &["vbp.pharmacy_markup_max"]),
    ("PRC-13", &["vbp.non_selected_share_max"]),
    ("PTS-03", &["points.suspended_at", "points.ended_at", "points.emergency_exempt"]),
    ("RTE-02", &["dual_channel.fixed_parties"]),
    ("RTE-04", &["pooling.resident", "pooling.employee"]),
    ("RTE-05", &["pooling.remote_from"]),
    ("RTE-06", &["pharmacy.delivery_identity"]),
    ("RV-03", &["pharmacy.remote_review"]),
    ("RX-01", &["rx.valid_days_max", "rx.future_minutes"]),
    ("RX-02", &["rx.ordinary_days", "rx.emergency_days"]),
    ("RX-03", &["rx.long_days_unconfirmed", "rx.long_days_max"]),
    ("RX-06", &["rx.drugs_max"]),
    ("RX-14", &["rx.guardian_under_years"]),
    ("RX-16", &["proxy.allowed", "proxy.registered_only"]),
    ("RX-17", &["rx.child_under_years"]),
    ("RX-19", &["rx.overlap_grace_days", "rx.days_in_hand_max"]),
    ("RX-20", &["rx.child_under_years"]),
];

/// The key paths that a rule rests on; empty: it rests on no figure of a region.
pub fn figures_of(rule: &str) -> &'static [&'static str] {
    FIGURES.iter().find(|(id, _)| *id == rule).map_or(&[], |(_, paths)| paths)
}

#[cfg(test)]
mod tests {
    use super::super::sample::lhasa;
    use super::FIGURES;

    #[test]
    fn every_figure_named_here_is_one_of_the_policy() {
        let region = lhasa();
        // Figures of a way that Lhasa does not go.
        let elsewhere = ["vbp.staged."];
        for path in FIGURES.iter().flat_map(|(_, paths)| *paths) {
            let exists = region.figures().iter().any(|one| match path.ends_with('.') {
                true => one.path.starts_with(path),
                false => *one.path == **path,
            });
            assert!(exists || elsewhere.contains(path), "{path}");
        }
    }
}
