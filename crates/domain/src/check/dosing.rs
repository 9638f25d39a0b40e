//! How a drug is taken: the single dose beside the label's largest, and the quantity beside the days that are stated.
//!
//! Judged only where the hospital sends the dosing; there is no public table of label doses. Serves RX-02, RX-18.

use super::standard::units_per_package;
use crate::finding::{Finding, Severity};
use crate::money::Quantity;
use crate::prescription::{Dosing, Facts, Line};

/// A quantity may last this much longer than stated, because packages are not opened: one package more.
const SPARE_PACKAGES: i64 = 1;

/// All rules about dosing.
pub(super) fn dosing(facts: &Facts, found: &mut Vec<Finding>) {
    for line in &facts.lines {
        if let Some(dosing) = &line.details.dosing {
            single_dose(line, dosing, Severity::Warn, found);
            lasts(line, dosing, found);
        }
    }
}

/// Rule: RX-18 — A single dose above the label's largest warns, and at the pharmacist's review it holds
pub(super) fn single_dose(
    line: &Line,
    dosing: &Dosing,
    severity: Severity,
    found: &mut Vec<Finding>,
) {
    let Some(max) = dosing.label_max.filter(|max| dosing.dose > *max) else { return };
    let (dose, unit) = (dosing.dose, &dosing.unit);
    let zh = format!("单次剂量 {dose}{unit} 超过说明书最大剂量 {max}{unit}，请医师确认。");
    let en = format!(
        "A single dose of {dose} {unit} is above the label's {max}: the doctor must confirm."
    );
    found.push(Finding::new("RX-18", severity, zh, en).on_line(line.line_no));
}

/// Rule: RX-02 — The quantity lasts the days that are stated, a package more at most
fn lasts(line: &Line, dosing: &Dosing, found: &mut Vec<Finding>) {
    let Some(lasting) = days_of(line, dosing, line.quantity) else { return };
    let spare = Quantity::whole(SPARE_PACKAGES);
    let Some(spare) = days_of(line, dosing, spare) else { return };
    let stated = i64::from(line.days);
    if lasting - spare >= stated && stated > 0 {
        let zh = format!("按用法用量可用约 {lasting} 天，处方写 {stated} 天，请核对数量或天数。");
        let en = format!(
            "By its dosing the quantity lasts about {lasting} days; {stated} are stated: please verify."
        );
        found.push(Finding::new("RX-02", Severity::Warn, zh, en).on_line(line.line_no));
    }
}

/// Whole days that a quantity lasts; none: the dose is not counted in units of the package.
fn days_of(line: &Line, dosing: &Dosing, quantity: Quantity) -> Option<i64> {
    let units = units_per_package(&line.spec, &dosing.unit)?;
    let all = i128::from(quantity.ten_thousandths()).checked_mul(i128::from(units))?;
    let taken = i128::from(dosing.dose.ten_thousandths()).checked_mul(i128::from(dosing.times))?;
    let days = all.checked_mul(i128::from(dosing.per_days))?.checked_div(taken)?;
    i64::try_from(days).ok()
}
