//! Reads a policy file and says everything that is wrong with it: key paths, missing and unknown
//! keys, unsourced figures.
//!
//! Knows the shape of the file; does not know what a figure is used for.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{
    Authority, BenefitPath, Figure, FirstSelfPay, GranulePolicy, LeasePolicy, PoolingPolicy,
    Region, RxPolicy, TracePolicy, UsePolicy, VbpPolicy,
};
use crate::prescription::{InsuranceType, RxAttribute};

/// One thing wrong in a policy file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct RegionFault {
    /// Key path, such as `rx.valid_days_max.value`; empty: the file as a whole.
    pub path: Box<str>,
    pub message: Box<str>,
}

/// What reading found out besides the values.
#[derive(Default)]
struct Log {
    faults: Vec<RegionFault>,
    assumed: Vec<Box<str>>,
}

/// A table of the file; what is read is taken out, so that the rest is known to be unknown.
struct Section<'a> {
    path: String,
    entries: Table,
    log: &'a mut Log,
}

/// A figure as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    value: Value,
    source: Option<String>,
    #[serde(default)]
    assumed: bool,
    /// For the reader of the file alone.
    #[serde(rename = "note")]
    _note: Option<String>,
}

impl Section<'_> {
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
    fn fault(&mut self, key: &str, message: impl Into<Box<str>>) {
        let path = self.path_of(key).into();
        self.log.faults.push(RegionFault { path, message: message.into() });
    }
    fn take(&mut self, key: &str) -> Option<Value> {
        let found = self.entries.remove(key);
        if found.is_none() {
            self.fault(key, "is missing");
        }
        found
    }
    fn convert<T: DeserializeOwned>(&mut self, key: &str, value: Value) -> Option<T> {
        match value.try_into() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(key, error.to_string().trim_end());
                None
            }
        }
    }
    /// A plain value without a source: names and codes.
    fn plain<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.take(key)?;
        self.convert(key, value)
    }
    fn figure<T: DeserializeOwned>(&mut self, key: &str) -> Option<Figure<T>> {
        let value = self.take(key)?;
        let written: Written = self.convert(key, value)?;
        let sourced = written.source.as_ref().is_some_and(|text| !text.trim().is_empty());
        match (sourced, written.assumed) {
            (true, true) => self.fault(key, "has a source and is assumed: only one can be true"),
            (false, false) => self.fault(key, "needs a source, or assumed = true"),
            (false, true) => self.log.assumed.push(self.path_of(key).into()),
            (true, false) => {}
        }
        let value = self.convert(&format!("{key}.value"), written.value)?;
        Some(Figure { value, source: written.source, assumed: written.assumed })
    }
    fn count(&mut self, key: &str, range: RangeInclusive<i64>) -> Option<Figure<i64>> {
        let figure = self.figure::<i64>(key)?;
        if !range.contains(&figure.value) {
            let message = format!("must be {} to {}", range.start(), range.end());
            self.fault(&format!("{key}.value"), message);
            return None;
        }
        Some(figure)
    }
    /// A table within this one; every key that `read` leaves is a fault.
    fn section<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let entries = self.convert(key, value)?;
        let mut inner = Section { path: self.path_of(key), entries, log: &mut *self.log };
        let read = read(&mut inner);
        inner.finish();
        read
    }
    fn finish(mut self) {
        for key in std::mem::take(&mut self.entries).keys() {
            self.fault(key, "is unknown");
        }
    }
}

pub(super) fn region(toml_text: &str, digest: &str) -> Result<Region, Vec<RegionFault>> {
    let entries: Table = toml_text.parse().map_err(|error: toml::de::Error| {
        vec![RegionFault { path: "".into(), message: error.to_string().trim_end().into() }]
    })?;
    let mut log = Log::default();
    let mut file = Section { path: String::new(), entries, log: &mut log };
    let read = whole(&mut file, digest);
    file.finish();
    match read {
        Some(region) if log.faults.is_empty() => Ok(Region { assumed: log.assumed, ..region }),
        _ => Err(log.faults),
    }
}

/// Every part is read before the first missing one ends it, so that all faults are found in one go.
fn whole(of: &mut Section<'_>, digest: &str) -> Option<Region> {
    let (area, province) = (of.plain("area"), of.plain("province"));
    let (name_zh, name_en) = (of.plain("name_zh"), of.plain("name_en"));
    let province_zh = of.plain("province_zh");
    let settlement = of.section("settlement", |of| {
        let authority: Option<Figure<Authority>> = of.figure("authority");
        let use_policy: Option<Figure<UsePolicy>> = of.figure("use_policy");
        if authority.as_ref().is_some_and(|one| one.value == Authority::Core) {
            of.fault("authority", "`core` is not built yet: write `gateway`");
        }
        if use_policy.as_ref().is_some_and(|one| one.value == UsePolicy::ByLine) {
            of.fault("use_policy", "`by_line` is not built yet: write `single_use`");
        }
        Some((authority?, use_policy?))
    });
    let rx = of.section("rx", rx);
    let lease = of.section("lease", |of| {
        let counter = of.count("counter_minutes", 1..=24 * 60);
        let freeze = of.count("freeze_minutes", 1..=3 * 24 * 60);
        Some(LeasePolicy { counter_minutes: counter?, freeze_minutes: freeze? })
    });
    let trace = of.section("trace", |of| {
        let (from, exempt) = (of.figure("required_from"), of.figure("exempt_kinds"));
        Some(TracePolicy { required_from: from?, exempt_kinds: exempt? })
    });
    let pooling = of.section("pooling", |of| {
        let (resident, employee) = (of.figure("resident"), of.figure("employee"));
        Some(PoolingPolicy { resident: resident?, employee: employee? })
    });
    let first_self_pay = of.section("first_self_pay", first_self_pay);
    let granules = of
        .section("granules", |of| Some(GranulePolicy { payable_from: of.figure("payable_from")? }));
    let vbp =
        of.section("vbp", |of| Some(VbpPolicy { historic_prices: of.figure("historic_prices")? }));
    let benefits = of.section("benefits", benefits);
    let (authority, use_policy) = settlement?;
    Some(Region {
        area: area?,
        name_zh: name_zh?,
        name_en: name_en?,
        province: province?,
        province_zh: province_zh?,
        digest: digest.into(),
        authority,
        use_policy,
        rx: rx?,
        lease: lease?,
        trace: trace?,
        pooling: pooling?,
        first_self_pay: first_self_pay?,
        granules: granules?,
        vbp: vbp?,
        benefits: benefits?,
        assumed: Vec::new(),
    })
}

fn rx(of: &mut Section<'_>) -> Option<RxPolicy> {
    let valid_days_max = of.count("valid_days_max", 1..=3);
    let future_minutes = of.count("future_minutes", 0..=60);
    let ordinary_days = of.count("ordinary_days", 1..=366);
    let emergency_days = of.count("emergency_days", 1..=366);
    let long_days_unconfirmed = of.count("long_days_unconfirmed", 1..=366);
    let long_days_max = of.count("long_days_max", 1..=366);
    let drugs_max = of.count("drugs_max", 1..=100);
    let child_under_years = of.count("child_under_years", 1..=18);
    Some(RxPolicy {
        valid_days_max: valid_days_max?,
        future_minutes: future_minutes?,
        ordinary_days: ordinary_days?,
        emergency_days: emergency_days?,
        long_days_unconfirmed: long_days_unconfirmed?,
        long_days_max: long_days_max?,
        drugs_max: drugs_max?,
        child_under_years: child_under_years?,
    })
}

fn first_self_pay(of: &mut Section<'_>) -> Option<FirstSelfPay> {
    let (class_b, negotiated) = (of.figure("class_b"), of.figure("negotiated"));
    let decoction_piece = of.figure("decoction_piece");
    Some(FirstSelfPay {
        class_b: class_b?,
        negotiated: negotiated?,
        decoction_piece: decoction_piece?,
    })
}

/// Paths that are not written do not exist: nothing is paid on them.
fn benefits(of: &mut Section<'_>) -> Option<BTreeMap<(RxAttribute, InsuranceType), BenefitPath>> {
    let mut paths = BTreeMap::new();
    for (key, attribute) in [
        ("dual_channel", RxAttribute::DualChannel),
        ("outpatient_pooling", RxAttribute::OutpatientPooling),
    ] {
        if !of.entries.contains_key(key) {
            continue;
        }
        of.section(key, |of| {
            for (key, insurance) in
                [("employee", InsuranceType::Employee), ("resident", InsuranceType::Resident)]
            {
                if of.entries.contains_key(key)
                    && let Some(path) = of.section(key, benefit)
                {
                    paths.insert((attribute, insurance), path);
                }
            }
            Some(())
        });
    }
    Some(paths)
}

fn benefit(of: &mut Section<'_>) -> Option<BenefitPath> {
    let (deductible, ratio) = (of.figure("deductible"), of.figure("ratio"));
    let (cap, basis) = (of.figure("cap"), of.figure("basis"));
    Some(BenefitPath { deductible: deductible?, ratio: ratio?, cap: cap?, basis: basis? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Ratio;

    const LHASA: &str = include_str!("../../../../catalogue/regions/540100.toml");

    fn faults(text: &str) -> Vec<String> {
        let faults = Region::parse(text, "d").expect_err("must be refused");
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_policy_of_lhasa_reads_and_says_what_is_assumed() {
        let lhasa = Region::parse(LHASA, "d").expect("valid");
        assert_eq!(lhasa.area.as_str(), "540100");
        assert_eq!(lhasa.lease.counter_ms(), 30 * 60_000);
        assert!(lhasa.assumed().contains(&"first_self_pay.class_b"));
        assert!(!lhasa.assumed().contains(&"rx.valid_days_max"));
        assert!(lhasa.rx.ordinary_days.source.is_some());
    }

    #[test]
    fn a_path_that_is_not_written_pays_nothing() {
        let lhasa = Region::parse(LHASA, "d").expect("valid");
        let other = lhasa.benefit(RxAttribute::Other, InsuranceType::Employee);
        assert_eq!(other.ratio, Ratio::ZERO);
        let dual = lhasa.benefit(RxAttribute::DualChannel, InsuranceType::Resident);
        assert_eq!(dual.ratio, "0.55".parse().expect("ratio"));
    }

    #[test]
    fn every_fault_is_found_at_once_with_its_key_path() {
        let broken = LHASA
            .replace("valid_days_max = { value = 3, source", "valid_days_max = { value = 4, source")
            .replace(
                "class_b = { value = \"0.10\", assumed = true }",
                "class_b = { value = \"0.10\" }",
            )
            .replace("[lease]", "[lease]\ncolour = 1")
            .replace("negotiated = { value = \"0.20\"", "negotiated = { value = \"20%\"")
            .replace("area = \"540100\"", "area = \"Lhasa\"")
            .replace("drugs_max = {", "drugs_max = { assumed = true,")
            .replace("[granules]", "[grain]");
        let found = faults(&broken);
        for path in [
            "area: ",
            "rx.valid_days_max.value: must be 1 to 3",
            "rx.drugs_max: has a source and is assumed",
            "lease.colour: is unknown",
            "first_self_pay.class_b: needs a source",
            "first_self_pay.negotiated.value: ",
            "granules: is missing",
            "grain: is unknown",
        ] {
            assert!(found.iter().any(|fault| fault.starts_with(path)), "{path} in {found:#?}");
        }
        assert_eq!(found.len(), 8, "{found:#?}");
    }

    #[test]
    fn text_that_is_no_toml_is_one_fault() {
        assert_eq!(faults("area = ").len(), 1);
    }
}
