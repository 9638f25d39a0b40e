//! The worked examples of RULES §2.4 as one table, and the printed working of one of them.
#![cfg(test)]

use super::sample::{class_a, ratio, terms, used, yuan};
use super::{Benefit, CapBasis, Charge, Split, Usage, split};
use crate::money::Yuan;

/// One row: the case, and `[total, over, pre, scope, deductible, pool, over_quota, personal]` of the result.
struct Example {
    name: &'static str,
    charge: Charge,
    benefit: Benefit,
    used: Usage,
    expected: [&'static str; 8],
}

fn example(
    name: &'static str,
    charge: Charge,
    benefit: Benefit,
    expected: [&'static str; 8],
) -> Example {
    Example { name, charge, benefit, used: Usage::default(), expected }
}

impl Example {
    fn with_used(self, deductible_used: &str, cap_used: &str) -> Example {
        Example { used: used(deductible_used, cap_used), ..self }
    }
    fn figures(split: &Split) -> [Yuan; 8] {
        let line = &split.lines[0];
        let Split { total, in_scope, deductible, pool, over_quota, personal, .. } = *split;
        [
            total,
            line.over_limit,
            line.first_self_pay,
            in_scope,
            deductible,
            pool,
            over_quota,
            personal,
        ]
    }
}

fn standard(charge: Charge, standard: &str) -> Charge {
    Charge { standard: Some(yuan(standard)), ..charge }
}

fn capped(share: &str, cap: &str, basis: CapBasis) -> Benefit {
    Benefit { cap: Some(yuan(cap)), basis, ..terms(share) }
}

/// E2: class B above its payment standard, part of the deductible still open.
fn e2() -> Example {
    let charge =
        Charge { first_self_pay: ratio("0.10"), ..standard(class_a("128.50", 3), "119.90") };
    let benefit = Benefit { deductible: yuan("300"), ..terms("0.65") };
    let expected = ["385.50", "25.80", "35.97", "323.73", "100", "145.42", "0", "240.08"];
    example("E2", charge, benefit, expected).with_used("200", "0")
}

#[rustfmt::skip]
fn examples() -> Vec<Example> {
    use CapBasis::{EligibleCost, FundPaid};
    let agreed = || standard(class_a("4523.60", 2), "4523.60");
    let cheaper = standard(class_a("4400.00", 2), "4523.60");
    let refused = Charge { payable: false, ..class_a("45.00", 1) };
    let lipid = |price, at| standard(class_a(price, 1), at);
    let raised = Charge { first_self_pay: ratio("0.20"), ..class_a("61.41", 1) };
    vec![
        //                                                       total      over     pre      scope      ded  pool       over quota personal
        example("E1", class_a("18.60", 2), terms("0.65"),        ["37.20",   "0",     "0",     "37.20",   "0", "24.18",   "0",       "13.02"]),
        e2(),
        example("E3", refused, terms("0.65"),                    ["45",      "0",     "0",     "0",       "0", "0",       "0",       "45"]),
        example("E4 resident", agreed(), terms("0.60"),          ["9047.20", "0",     "0",     "9047.20", "0", "5428.32", "0",       "3618.88"]),
        example("E4 employee", agreed(), terms("0.70"),          ["9047.20", "0",     "0",     "9047.20", "0", "6333.04", "0",       "2714.16"]),
        example("E4b", cheaper, terms("0.60"), ["8800", "0",     "0",     "8800",    "0", "5280",    "0",       "3520"]),
        example("E5", agreed(), capped("0.70", "50000", FundPaid),      ["9047.20", "0", "0", "9047.20", "0", "2000", "4333.04", "7047.20"]).with_used("0", "48000"),
        example("E5b", agreed(), capped("0.70", "50000", EligibleCost), ["9047.20", "0", "0", "9047.20", "0", "3500", "4047.20", "5547.20"]).with_used("0", "45000"),
        example("E5c", agreed(), capped("0.70", "30000", FundPaid),     ["9047.20", "0", "0", "9047.20", "0", "2000", "4333.04", "7047.20"]).with_used("0", "28000"),
        example("E6", class_a("3.57", 4), capped("0.60", "400", FundPaid),   ["14.28", "0", "0", "14.28", "0", "5",    "3.57", "9.28"]).with_used("0", "395"),
        example("E6b", class_a("3.57", 4), capped("0.50", "400", FundPaid),  ["14.28", "0", "0", "14.28", "0", "7.14", "0",    "7.14"]),
        example("E6c", class_a("3.57", 4), capped("0.60", "1000", FundPaid), ["14.28", "0", "0", "14.28", "0", "5",    "3.57", "9.28"]).with_used("0", "995"),
        example("E7 selected", lipid("2.86", "2.86"), terms("0.65"),    ["2.86",  "0",     "0",     "2.86",  "0", "1.86",  "0", "1"]),
        example("E7 staged", lipid("61.41", "42.987"), terms("0.65"),   ["61.41", "18.42", "0",     "42.99", "0", "27.94", "0", "33.47"]),
        example("E7 converged", lipid("61.41", "2.86"), terms("0.65"),  ["61.41", "58.55", "0",     "2.86",  "0", "1.86",  "0", "59.55"]),
        example("E7b", lipid("5.00", "2.86"), terms("0.65"),            ["5",     "2.14",  "0",     "2.86",  "0", "1.86",  "0", "3.14"]),
        example("E7c", lipid("2.10", "2.10"), terms("0.65"),            ["2.10",  "0",     "0",     "2.10",  "0", "1.37",  "0", "0.73"]),
        example("E7d", raised, terms("0.65"),                           ["61.41", "0",     "12.28", "49.13", "0", "31.93", "0", "29.48"]),
    ]
}

// proves: PRC-01, SET-01
#[test]
fn the_worked_examples_come_out_to_the_fen() {
    for Example { name, charge, benefit, used, expected } in examples() {
        let split = split(&[charge], &benefit, &used).expect(name);
        assert_eq!(Example::figures(&split), expected.map(yuan), "{name}");
    }
}

#[test]
fn a_line_that_is_not_payable_is_full_self_pay() {
    let refused = Charge { payable: false, ..class_a("45.00", 1) };
    let split = split(&[refused], &terms("0.65"), &Usage::default()).expect("split");
    assert_eq!((split.lines[0].full_self_pay, split.fund), (yuan("45"), Yuan::ZERO));
}

#[test]
fn the_year_remembers_by_the_basis_of_the_cap() {
    let charge = standard(class_a("4523.60", 2), "4523.60");
    for (basis, before, after) in
        [(CapBasis::FundPaid, "48000", "50000"), (CapBasis::EligibleCost, "45000", "50000")]
    {
        let benefit = capped("0.70", "50000", basis);
        let used = used("0", before);
        let split = split(std::slice::from_ref(&charge), &benefit, &used).expect("split");
        let year = used.after(&split, basis).expect("usage");
        assert_eq!(year.cap_used, yuan(after), "{basis:?}");
    }
    let Example { charge, benefit, used, .. } = e2();
    let split = split(&[charge], &benefit, &used).expect("split");
    let year = used.after(&split, benefit.basis).expect("usage");
    assert_eq!((year.deductible_used, year.cap_used), (yuan("300"), yuan("145.42")));
}

#[test]
fn the_working_is_printed_in_the_order_of_the_arithmetic() {
    let Example { charge, benefit, used, .. } = e2();
    let split = split(&[charge], &benefit, &used).expect("split");
    let printed: Vec<String> =
        split.steps.iter().map(|step| format!("{} = {}", step.text_zh, step.amount)).collect();
    assert_eq!(
        printed,
        [
            "总额 3 × 128.50 元 = 385.50",
            "按支付标准 3 × 119.90 元计算 = 359.70",
            "超支付标准自费 385.50 − 359.70 元 = 25.80",
            "先行自付 359.70 × 10% = 35.97",
            "政策范围内 359.70 − 35.97 元 = 323.73",
            "起付线 300.00 元，已累计 200.00 元，本次计入 = 100.00",
            "统筹支付 223.73 × 65% = 145.42",
            "基金支付 = 145.42",
            "个人负担 385.50 − 145.42 元 = 240.08",
        ]
    );
}
