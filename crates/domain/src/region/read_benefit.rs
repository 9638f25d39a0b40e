//! From a policy file to benefit paths and layers.
//!
//! Paths that are not written do not exist: nothing is paid on them.

use std::collections::BTreeMap;

use super::benefit::{Assistance, BenefitPath, Cap, Hardship, Layers, Path, SeriousIllness, Share};
use super::figure::Figure;
use super::section::Section;
use crate::prescription::InsuranceType;

const INSURANCES: [(&str, InsuranceType); 2] =
    [("employee", InsuranceType::Employee), ("resident", InsuranceType::Resident)];

/// The paths of a region, by kind of insurance.
pub type Benefits = BTreeMap<(Path, InsuranceType), BenefitPath>;

pub(super) fn benefits(of: &mut Section<'_>) -> Option<Benefits> {
    let mut paths = BTreeMap::new();
    for path in Path::ALL.into_iter().filter(|path| of.has(path.key())).collect::<Vec<_>>() {
        of.section(path.key(), |of| {
            for (key, insurance) in INSURANCES {
                if of.has(key)
                    && let Some(terms) = of.section(key, benefit)
                {
                    paths.insert((path, insurance), terms);
                }
            }
            Some(())
        });
    }
    Some(paths)
}

fn benefit(of: &mut Section<'_>) -> Option<BenefitPath> {
    let (deductible, ratio) = (of.figure("deductible"), share(of));
    let (cap, basis) = (of.figure("cap"), of.figure("basis"));
    let cap_by_kind = match of.has("cap_by_kind") {
        true => of.section("cap_by_kind", cap_by_kind),
        false => Some(BTreeMap::new()),
    };
    let (over_quota, joins_burden) = (of.figure("over_quota"), of.figure("joins_burden"));
    let places_max = match of.has("places_max") {
        true => of.count("places_max", 1..=20).map(Some),
        false => Some(None),
    };
    let registration_required = of.figure("registration_required");
    Some(BenefitPath {
        deductible: deductible?,
        ratio: ratio?,
        cap: cap?,
        cap_by_kind: cap_by_kind?,
        basis: basis?,
        over_quota: over_quota?,
        joins_burden: joins_burden?,
        places_max: places_max?,
        registration_required: registration_required?,
    })
}

/// `ratio` for all levels, or a table `ratio_by_level`.
fn share(of: &mut Section<'_>) -> Option<Share> {
    if !of.has("ratio_by_level") {
        return of.figure("ratio").map(Share::Alike);
    }
    of.section("ratio_by_level", |of| {
        let (grassroots, second) = (of.figure("grassroots"), of.figure("second"));
        let third = of.figure("third");
        Some(Share::ByLevel { grassroots: grassroots?, second: second?, third: third? })
    })
}

fn cap_by_kind(of: &mut Section<'_>) -> Option<BTreeMap<Box<str>, Figure<Cap>>> {
    let kinds = of.keys().into_iter();
    Some(kinds.filter_map(|kind| of.figure(&kind).map(|cap| (kind.into(), cap))).collect())
}

pub(super) fn layers(of: &mut Section<'_>) -> Option<Layers> {
    let serious_illness = of.section("serious_illness", serious_illness);
    let assistance = of.section("assistance", |of| {
        let each = Hardship::ALL
            .map(|of_whom| of.section(of_whom.key(), assistance).map(|terms| (of_whom, terms)));
        each.into_iter().collect()
    });
    let joins = of.figure("first_self_pay_joins_burden");
    Some(Layers {
        serious_illness: serious_illness?,
        assistance: assistance?,
        first_self_pay_joins_burden: joins?,
    })
}

fn serious_illness(of: &mut Section<'_>) -> Option<SeriousIllness> {
    let (threshold, ratio, cap) = (of.figure("threshold"), of.figure("ratio"), of.figure("cap"));
    let poor_threshold_share = of.figure("poor_threshold_share");
    let poor_ratio_bonus = of.figure("poor_ratio_bonus");
    let poor_cap = of.figure("poor_cap");
    Some(SeriousIllness {
        threshold: threshold?,
        ratio: ratio?,
        cap: cap?,
        poor_threshold_share: poor_threshold_share?,
        poor_ratio_bonus: poor_ratio_bonus?,
        poor_cap: poor_cap?,
    })
}

fn assistance(of: &mut Section<'_>) -> Option<Assistance> {
    let (threshold, ratio, cap) = (of.figure("threshold"), of.figure("ratio"), of.figure("cap"));
    Some(Assistance { threshold: threshold?, ratio: ratio?, cap: cap? })
}
