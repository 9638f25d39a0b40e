//! The policy of one pooling area from one day on: validity, leases, eligibility, prices, benefits,
//! and the mode of each rule; every figure with its source.
//!
//! A figure without a source must say that it is assumed. Knows no rule: what a figure means is
//! said where it is used.
//! Serves CAT-06, 09, 11, RX-01..03, 06, 14, 19, DC-01..04, 07..09, PH-01, 03, RTE-03..06, DS-02,
//! 03, PRC-02, 03, 05, 07, 13, BEN-02, 04..12 and RULES §2.2.

mod benefit;
mod contradiction;
mod eligibility;
mod figure;
mod policy;
mod price;
mod read;
mod read_benefit;
mod rulebook;
mod rules;
mod section;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub use benefit::{Assistance, BenefitPath, Cap, Hardship, Layers, OverQuota, Path, Share};
pub use eligibility::{DualChannelPolicy, FixedParty, SeparatePayment};
pub use figure::{Figure, Shown, Since};
pub use policy::{
    Authority, FirstSelfPay, GranulePolicy, HoldPolicy, Keeping, LeasePolicy, PaperPolicy,
    PharmacyPolicy, PointsPolicy, Pooling, PoolingPolicy, ProxyPolicy, RegistersPolicy, RxPolicy,
    TracePolicy, UsePolicy,
};
pub use price::{NonSelected, PricePolicy, StagedPath, Tie, VbpPolicy};
pub use rulebook::{Entry as RuleEntry, Varies, entry};
pub use rules::{Mode, RuleModes, RuleTerms};
pub use section::RegionFault;
pub use versions::Regions;

use crate::institution::{Level, PoolingArea};
use crate::money::{Ratio, Yuan};
use crate::prescription::{InsuranceType, RxAttribute};
use crate::settle::{Benefit, CapBasis};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub area: PoolingArea,
    pub name_zh: Box<str>,
    pub name_en: Box<str>,
    pub province: PoolingArea,
    /// As the selection results of centralized procurement name it.
    pub province_zh: Box<str>,
    /// The days on which this version holds: `valid_from` to the day before `valid_to`.
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// Digest of the file, for the verdicts that used it.
    pub digest: Box<str>,
    pub authority: Figure<Authority>,
    pub use_policy: Figure<UsePolicy>,
    pub registers: RegistersPolicy,
    pub rx: RxPolicy,
    pub lease: LeasePolicy,
    pub hold: HoldPolicy,
    pub proxy: ProxyPolicy,
    pub paper: PaperPolicy,
    pub trace: TracePolicy,
    pub pooling: PoolingPolicy,
    pub dual_channel: DualChannelPolicy,
    pub pharmacy: PharmacyPolicy,
    pub points: PointsPolicy,
    pub first_self_pay: FirstSelfPay,
    pub granules: GranulePolicy,
    pub vbp: VbpPolicy,
    pub prices: PricePolicy,
    pub benefits: BTreeMap<(Path, InsuranceType), BenefitPath>,
    pub layers: Layers,
    pub rules: RuleModes,
    figures: Vec<Shown>,
}

impl Region {
    /// Reads a policy file; `digest` is that of the same text.
    ///
    /// Refused with every fault, each with its key path: bad TOML, a missing or unknown key, a
    /// value out of range, a figure with neither source nor `assumed = true`, or with both, figures
    /// that contradict one another, a rule that the region may not soften.
    pub fn parse(toml_text: &str, digest: &str) -> Result<Region, Vec<RegionFault>> {
        read::region(toml_text, digest)
    }
    /// The same from a file that was read already.
    pub fn of_table(entries: toml::Table, digest: &str) -> Result<Region, Vec<RegionFault>> {
        read::of_table(entries, digest)
    }
    /// Every figure as written, in the order of reading.
    pub fn figures(&self) -> &[Shown] {
        &self.figures
    }
    /// The figure at a key path such as `benefits.dual_channel.employee.ratio`, to be shown where it
    /// was used.
    pub fn figure(&self, path: &str) -> Option<&Shown> {
        self.figures.iter().find(|figure| *figure.path == *path)
    }
    /// Key paths of the figures that have no source.
    pub fn assumed(&self) -> Vec<&str> {
        let assumed = self.figures.iter().filter(|figure| figure.assumed);
        assumed.map(|figure| &*figure.path).collect()
    }
    /// What the file says without any effect: remarks for whoever keeps it.
    pub fn without_effect(&self) -> Vec<RegionFault> {
        contradiction::without_effect(self)
    }
    /// The terms of a path; `None`: there is no such path here.
    pub fn path(&self, path: Path, insurance: InsuranceType) -> Option<&BenefitPath> {
        self.benefits.get(&(path, insurance))
    }
    /// The terms of a path at a level of institution, for the registered kinds of disease; where there is no such path the
    /// fund's ratio is zero.
    pub fn terms(
        &self,
        path: Option<Path>,
        insurance: InsuranceType,
        level: Level,
        kinds: &[&str],
    ) -> Benefit {
        match path.and_then(|path| self.path(path, insurance)) {
            Some(path) => path.terms(level, kinds),
            None => Benefit {
                deductible: Yuan::ZERO,
                ratio: Ratio::ZERO,
                cap: None,
                basis: CapBasis::FundPaid,
            },
        }
    }
    /// The ordinary terms of a prescription in a pharmacy, which are those of the grass-roots
    /// institutions (BEN-02).
    pub fn benefit(&self, attribute: RxAttribute, insurance: InsuranceType) -> Benefit {
        self.terms(Path::of(attribute), insurance, Level::Grassroots, &[])
    }
    /// Does one fund cover this area and `insured`, for that kind of insurance (RTE-04)?
    pub fn pools_with(&self, insured: &PoolingArea, insurance: InsuranceType) -> bool {
        let province = |area: &PoolingArea| area.as_str().bytes().take(2).collect::<Vec<u8>>();
        match self.pooling.of(insurance) {
            Pooling::Area => *insured == self.area,
            Pooling::Province => province(insured) == province(&self.area),
        }
    }
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day < end)
    }
}
