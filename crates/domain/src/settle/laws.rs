//! What holds for every split, whatever was packed and whatever was used before.
#![cfg(test)]

use proptest::collection::vec;
use proptest::prelude::*;

use super::sample::{class_a, terms, yuan};
use super::{Account, Benefit, CapBasis, Charge, Split, Usage, postings, split};
use super::{PathCharges, split_by_path};
use crate::money::{Quantity, Ratio, Yuan};
use crate::refusal::Reason;
use crate::region::Path;

fn fen() -> impl Strategy<Value = Yuan> {
    (0_i64..10_000_000).prop_map(Yuan::from_fen)
}

fn share() -> impl Strategy<Value = Ratio> {
    (0_i32..=10_000).prop_map(Ratio::from_ten_thousandths)
}

fn basis() -> impl Strategy<Value = CapBasis> {
    prop_oneof![Just(CapBasis::FundPaid), Just(CapBasis::EligibleCost)]
}

prop_compose! {
    /// Prices with six decimals, quantities with four.
    fn charge()(
        line_no in 1_i32..6,
        price in 0_i64..20_000_000_000,
        quantity in 1_i64..1_000_000,
        payable in prop::bool::weighted(0.8),
        standard in prop::option::of(0_i64..20_000_000_000),
        first_self_pay in share(),
    ) -> Charge {
        Charge {
            line_no,
            quantity: Quantity::from_ten_thousandths(quantity),
            unit_price: Yuan::from_micro(price),
            payable,
            standard: standard.map(Yuan::from_micro),
            first_self_pay,
        }
    }
}

prop_compose! {
    fn benefit()(
        deductible in fen(),
        ratio in share(),
        cap in prop::option::of(fen()),
        basis in basis(),
    ) -> Benefit {
        Benefit { deductible, ratio, cap, basis }
    }
}

prop_compose! {
    fn usage()(deductible_used in fen(), cap_used in fen()) -> Usage {
        Usage { deductible_used, cap_used }
    }
}

fn sum(amounts: impl IntoIterator<Item = Yuan>) -> Yuan {
    Yuan::total(amounts).expect("in range")
}

/// SET-01: every identity of one split.
fn closes(split: &Split) -> bool {
    let lines = split.lines.iter().all(|line| {
        let parts = [line.full_self_pay, line.over_limit, line.first_self_pay, line.in_scope];
        sum(parts) == line.fee && parts.iter().all(|part| *part >= Yuan::ZERO)
    });
    let whole = sum([split.fund, split.personal]) == split.total;
    let fee = sum(split.lines.iter().map(|line| line.fee)) == split.total;
    let ledger = sum(postings(split).into_iter().map(|(_, amount)| amount)) == Yuan::ZERO;
    let shares = split.fund >= Yuan::ZERO && split.personal >= Yuan::ZERO;
    lines && whole && fee && ledger && shares && split.pool <= split.in_scope
}

proptest! {
    // proves: SET-01
    #[test]
    fn every_line_and_every_whole_closes(
        charges in vec(charge(), 0..6), benefit in benefit(), used in usage(),
    ) {
        let split = split(&charges, &benefit, &used).expect("in range");
        prop_assert!(closes(&split), "{split:?}");
        prop_assert_eq!(split.steps.last().map(|step| step.amount), Some(split.personal));
    }

    // proves: PRC-01
    #[test]
    fn above_the_payment_standard_a_dearer_box_costs_only_the_patient(
        standard in fen(), first in fen(), more in fen(), benefit in benefit(),
    ) {
        let price = sum([standard, first]);
        let standard = Some(standard);
        let near = Charge { unit_price: price, standard, ..class_a("0", 1) };
        let dear = Charge { unit_price: sum([price, more]), ..near.clone() };
        let near = split(&[near], &benefit, &Usage::default()).expect("in range");
        let dear = split(&[dear], &benefit, &Usage::default()).expect("in range");
        prop_assert_eq!(near.fund, dear.fund);
        prop_assert_eq!(dear.personal.minus(near.personal), Some(more));
    }

    // proves: BEN-05
    #[test]
    fn the_pool_never_pays_beyond_the_room_under_the_cap(
        charges in vec(charge(), 1..6), benefit in benefit(), used in usage(),
    ) {
        let split = split(&charges, &benefit, &used).expect("in range");
        if let Some(cap) = benefit.cap {
            prop_assert!(split.pool <= cap.above(used.cap_used));
        }
    }

    // proves: BEN-05
    #[test]
    fn a_year_of_settlements_stays_under_the_cap(
        visits in vec(vec(charge(), 1..3), 1..12), cap in fen(), benefit in benefit(),
    ) {
        let benefit = Benefit { cap: Some(cap), ..benefit };
        let mut year = Usage::default();
        let mut paid = Yuan::ZERO;
        for charges in &visits {
            let split = split(charges, &benefit, &year).expect("in range");
            year = year.after(&split, benefit.basis).expect("in range");
            paid = sum([paid, split.pool]);
            prop_assert!(year.cap_used <= cap && paid <= cap);
            prop_assert!(year.deductible_used <= benefit.deductible);
        }
    }

    #[test]
    fn who_used_more_of_the_cap_gets_no_more(
        charges in vec(charge(), 1..4), benefit in benefit(), used in usage(), more in fen(),
    ) {
        let later = Usage { cap_used: sum([used.cap_used, more]), ..used.clone() };
        let early = split(&charges, &benefit, &used).expect("in range");
        let late = split(&charges, &benefit, &later).expect("in range");
        prop_assert!(late.pool <= early.pool);
    }

    #[test]
    fn who_bore_more_of_the_deductible_gets_no_less(
        charges in vec(charge(), 1..4), benefit in benefit(), used in usage(), more in fen(),
    ) {
        let later = Usage { deductible_used: sum([used.deductible_used, more]), ..used.clone() };
        let early = split(&charges, &benefit, &used).expect("in range");
        let late = split(&charges, &benefit, &later).expect("in range");
        prop_assert!(late.pool >= early.pool);
    }

    #[test]
    fn a_line_is_split_the_same_whatever_stands_beside_it(one in charge(), other in charge()) {
        let (terms, none) = (terms("0.65"), Usage::default());
        let alone = split(std::slice::from_ref(&one), &terms, &none).expect("in range");
        let beside = split(&[other, one], &terms, &none).expect("in range");
        prop_assert_eq!(alone.lines.last(), beside.lines.last());
    }

    #[test]
    fn no_number_makes_it_panic(
        price in any::<i64>(), quantity in any::<i64>(), standard in any::<Option<i64>>(),
        first in any::<i32>(), cap in any::<Option<i64>>(), used in any::<(i64, i64)>(),
        ratio in any::<i32>(), basis in basis(),
    ) {
        let charge = Charge {
            line_no: 1,
            quantity: Quantity::from_ten_thousandths(quantity),
            unit_price: Yuan::from_micro(price),
            payable: true,
            standard: standard.map(Yuan::from_micro),
            first_self_pay: Ratio::from_ten_thousandths(first),
        };
        let benefit = Benefit {
            deductible: Yuan::ZERO,
            ratio: Ratio::from_ten_thousandths(ratio),
            cap: cap.map(Yuan::from_micro),
            basis,
        };
        let used = Usage {
            deductible_used: Yuan::from_micro(used.0),
            cap_used: Yuan::from_micro(used.1),
        };
        match split(&[charge.clone(), charge], &benefit, &used) {
            Ok(split) => prop_assert!(closes(&split)),
            Err(reason) => prop_assert_eq!(reason, Reason::AmountOutOfRange),
        }
    }
}

// proves: SET-01
#[test]
fn what_leaves_the_range_is_refused() {
    let most = Charge { unit_price: Yuan::from_micro(i64::MAX), ..class_a("1", 1) };
    let half =
        Charge { unit_price: Yuan::from_micro(i64::MAX / 20_000 * 10_000), ..class_a("1", 1) };
    let many =
        Charge { quantity: Quantity::from_ten_thousandths(i64::MAX), ..class_a("1000000", 1) };
    let negative = Charge { unit_price: Yuan::from_micro(-1), ..class_a("1", 1) };
    let share = Charge { first_self_pay: Ratio::from_ten_thousandths(10_001), ..class_a("1", 1) };
    let cases = [
        vec![most],
        vec![half.clone(), half.clone(), half],
        vec![many],
        vec![negative],
        vec![share],
    ];
    for charges in cases {
        let refused = split(&charges, &terms("0.65"), &Usage::default());
        assert_eq!(refused, Err(Reason::AmountOutOfRange), "{charges:?}");
    }
    let negative = Usage { cap_used: Yuan::from_micro(-1), ..Usage::default() };
    let refused = split(&[class_a("1", 1)], &terms("0.65"), &negative);
    assert_eq!(refused, Err(Reason::AmountOutOfRange));
}

#[test]
fn the_pharmacys_claim_is_covered_by_pool_and_person() {
    let split = split(&[class_a("18.60", 2)], &terms("0.65"), &Usage::default()).expect("split");
    let booked =
        [("-37.20", Account::Sales), ("24.18", Account::Pool), ("13.02", Account::Personal)];
    assert_eq!(postings(&split), booked.map(|(amount, account)| (account, yuan(amount))));
}

proptest! {
    // proves: SET-04
    #[test]
    fn paths_add_up_to_the_whole_and_give_back_exactly_what_they_took(
        first in prop::collection::vec(charge(), 1..4), second in prop::collection::vec(charge(), 1..4),
        basis in basis(), used in 0_i64..5_000,
    ) {
        let amount = Yuan::from_micro(used * 10_000);
        let before = Usage { deductible_used: amount, cap_used: amount };
        let benefit = Benefit { basis, ..terms("0.65") };
        let share = |path, charges: &Vec<Charge>| PathCharges {
            path: Some(path), charges: charges.clone(), benefit: benefit.clone(), used: before.clone(),
        };
        let shares = vec![share(Path::DualChannel, &first), share(Path::TwoDisease, &second)];
        let (whole, after) = split_by_path(shares).expect("in range");
        prop_assert!(closes(&whole));
        prop_assert_eq!(whole.fund.plus(whole.personal), Some(whole.total));
        prop_assert_eq!(whole.lines.len(), first.len() + second.len());
        let alone = split(&first, &benefit, &before).expect("in range");
        let beside = split(&second, &benefit, &before).expect("in range");
        prop_assert_eq!(alone.fund.plus(beside.fund), Some(whole.fund));
        for (share, (path, after)) in whole.paths.iter().zip(&after) {
            prop_assert_eq!(share.path, *path);
            prop_assert_eq!(after.without(share), Some(before.clone()));
        }
    }
}
