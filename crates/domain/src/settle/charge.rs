//! From what a pharmacy packed to what is charged: quantity, price and what the fund accepts, line by line.
//!
//! Knows no arithmetic (see [`super::split`]) and no channel: hospital and pharmacy are charged alike (DC-05).

use super::Charge;
use crate::check::LineCoverage;
use crate::money::{Quantity, Ratio};
use crate::prescription::{Facts, PackedLine};

/// Rule: DC-05 — the charge of a line depends on the line, its price and its coverage, never on who sells it.
///
/// One charge per packed line, in the order packed. A line is packed whole, so the quantity is the one prescribed, never the
/// number of codes that were scanned: `check::packing` has compared the two where codes are required. A line without
/// coverage is charged to the patient: the fund pays only what was found payable.
pub fn charges(facts: &Facts, packed: &[PackedLine], coverage: &[LineCoverage]) -> Vec<Charge> {
    packed.iter().map(|line| charge(facts, line, coverage)).collect()
}

fn charge(facts: &Facts, packed: &PackedLine, coverage: &[LineCoverage]) -> Charge {
    let covered = coverage.iter().find(|one| one.line_no == packed.line_no);
    Charge {
        line_no: packed.line_no,
        // A line that nobody prescribed was refused when it was packed; here it would cost nothing.
        quantity: facts.line(packed.line_no).map_or(Quantity::ZERO, |line| line.quantity),
        unit_price: packed.unit_price,
        payable: covered.is_some_and(|one| one.payable),
        standard: covered.and_then(|one| one.standard),
        first_self_pay: covered.map_or(Ratio::ZERO, |one| one.first_self_pay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prescription::{BizType, PackedBox};
    use crate::settle::sample::{facts, line};

    fn coverage(line_no: i32) -> LineCoverage {
        let first_self_pay = Ratio::from_ten_thousandths(1000);
        LineCoverage {
            line_no,
            payable: true,
            first_self_pay,
            standard: "119.90".parse().ok(),
            is_selected_price: false,
            verified: true,
            separate: false,
            path: None,
        }
    }

    fn packed(line_no: i32, boxes: usize) -> PackedLine {
        let one = |n: usize| PackedBox {
            trace_code: format!("8385793{n:013}").parse().expect("trace code"),
            lot: "L1".parse().unwrap(),
            expires_on: chrono::NaiveDate::MAX,
            units: None,
        };
        let unit_price = "128.50".parse().expect("price");
        PackedLine { line_no, unit_price, boxes: (0..boxes).map(one).collect(), product: None }
    }

    #[test]
    fn boxes_are_charged_as_scanned_and_pieces_as_prescribed() {
        let facts = facts(vec![line(1, "3"), line(2, "45.5")]);
        let made = charges(&facts, &[packed(1, 3), packed(2, 0)], &[coverage(1), coverage(2)]);
        let quantities: Vec<String> = made.iter().map(|one| one.quantity.to_string()).collect();
        assert_eq!(quantities, ["3", "45.5"]);
    }

    #[test]
    fn a_line_without_coverage_is_the_patients_alone() {
        let made = charges(&facts(vec![line(1, "1")]), &[packed(1, 1)], &[coverage(2)]);
        assert!(!made[0].payable);
        assert_eq!(made[0].standard, None);
    }

    // proves: DC-05
    #[test]
    fn a_hospital_and_a_pharmacy_are_charged_alike() {
        let mut facts = facts(vec![line(1, "3")]);
        let in_pharmacy = charges(&facts, &[packed(1, 3)], &[coverage(1)]);
        facts.biz_type = BizType::InternetHospital;
        assert_eq!(charges(&facts, &[packed(1, 3)], &[coverage(1)]), in_pharmacy);
    }
}
