//! From a policy file to a [`Region`]: one function per section of the file.
//!
//! Knows the shape of the file and the bounds of each figure; does not know what it is used for.

use toml::Table;

use super::contradiction::contradictions;
use super::eligibility::DualChannelPolicy;
use super::figure::Figure;
use super::policy::{
    Authority, FirstSelfPay, GranulePolicy, HoldPolicy, LeasePolicy, PaperPolicy, PharmacyPolicy,
    PointsPolicy, PoolingPolicy, ProxyPolicy, RegistersPolicy, RxPolicy, TracePolicy, UsePolicy,
};
use super::price::{NonSelected, PricePolicy, StagedPath, VbpPolicy};
use super::read_benefit::{benefits, layers};
use super::rules::rules;
use super::section::{Log, RegionFault, Section};
use super::{Region, RuleModes};

pub(super) fn region(toml_text: &str, digest: &str) -> Result<Region, Vec<RegionFault>> {
    let entries: Table = toml_text.parse().map_err(|error: toml::de::Error| {
        vec![RegionFault::at("", error.to_string().trim_end())]
    })?;
    of_table(entries, digest)
}

pub(super) fn of_table(entries: Table, digest: &str) -> Result<Region, Vec<RegionFault>> {
    let mut log = Log::default();
    let mut file = Section::whole(entries, &mut log);
    let read = whole(&mut file, digest);
    file.finish();
    let Log { mut faults, figures } = log;
    let Some(region) = read else { return Err(faults) };
    let region = Region { figures, ..region };
    faults.extend(contradictions(&region));
    if faults.is_empty() { Ok(region) } else { Err(faults) }
}

/// Every part is read before the first missing one ends it, so that all faults are found in one go.
fn whole(of: &mut Section<'_>, digest: &str) -> Option<Region> {
    let (area, province) = (of.plain("area"), of.plain("province"));
    let (name_zh, name_en) = (of.plain("name_zh"), of.plain("name_en"));
    let province_zh = of.plain("province_zh");
    let valid_from = of.plain("valid_from");
    let valid_to = if of.has("valid_to") { of.plain("valid_to").map(Some) } else { Some(None) };
    let settlement = of.section("settlement", settlement);
    let registers = of.section("registers", registers);
    let (rx, lease) = (of.section("rx", rx), of.section("lease", lease));
    let (hold, proxy) = (of.section("hold", hold), of.section("proxy", proxy));
    let (paper, trace) = (of.section("paper", paper), of.section("trace", trace));
    let pooling = of.section("pooling", pooling);
    let dual_channel = of.section("dual_channel", dual_channel);
    let pharmacy = of.section("pharmacy", pharmacy);
    let points = of.section("points", points);
    let first_self_pay = of.section("first_self_pay", first_self_pay);
    let granules = of
        .section("granules", |of| Some(GranulePolicy { payable_from: of.figure("payable_from")? }));
    let (vbp, prices) = (of.section("vbp", vbp), of.section("prices", prices));
    let benefits = of.section("benefits", benefits);
    let layers = of.section("layers", layers);
    let rules = match of.has("rules") {
        true => of.section("rules", rules),
        false => Some(RuleModes::default()),
    };
    let (authority, use_policy) = settlement?;
    Some(Region {
        area: area?,
        name_zh: name_zh?,
        name_en: name_en?,
        province: province?,
        province_zh: province_zh?,
        valid_from: valid_from?,
        valid_to: valid_to?,
        digest: digest.into(),
        authority,
        use_policy,
        registers: registers?,
        rx: rx?,
        lease: lease?,
        hold: hold?,
        proxy: proxy?,
        paper: paper?,
        trace: trace?,
        pooling: pooling?,
        dual_channel: dual_channel?,
        pharmacy: pharmacy?,
        points: points?,
        first_self_pay: first_self_pay?,
        granules: granules?,
        vbp: vbp?,
        prices: prices?,
        benefits: benefits?,
        layers: layers?,
        rules: rules?,
        figures: Vec::new(),
    })
}

fn settlement(of: &mut Section<'_>) -> Option<(Figure<Authority>, Figure<UsePolicy>)> {
    let authority: Option<Figure<Authority>> = of.figure("authority");
    let use_policy: Option<Figure<UsePolicy>> = of.figure("use_policy");
    Some((authority?, use_policy?))
}

fn registers(of: &mut Section<'_>) -> Option<RegistersPolicy> {
    let (insured, entitlement) = (of.figure("insured"), of.figure("entitlement"));
    let benefit = of.figure("benefit");
    Some(RegistersPolicy { insured: insured?, entitlement: entitlement?, benefit: benefit? })
}

fn rx(of: &mut Section<'_>) -> Option<RxPolicy> {
    let valid_days_default = of.count("valid_days_default", 1..=3);
    let valid_days_max = of.count("valid_days_max", 1..=3);
    let future_minutes = of.count("future_minutes", 0..=60);
    let ordinary_days = of.count("ordinary_days", 1..=366);
    let emergency_days = of.count("emergency_days", 1..=366);
    let long_days_unconfirmed = of.count("long_days_unconfirmed", 1..=366);
    let long_days_max = of.count("long_days_max", 1..=366);
    let drugs_max = of.count("drugs_max", 1..=100);
    let child_under_years = of.count("child_under_years", 1..=18);
    let guardian_under_years = of.count("guardian_under_years", 1..=18);
    let overlap_grace_days = of.count("overlap_grace_days", 0..=84);
    let days_in_hand_max = of.count("days_in_hand_max", 1..=366);
    Some(RxPolicy {
        valid_days_default: valid_days_default?,
        valid_days_max: valid_days_max?,
        future_minutes: future_minutes?,
        ordinary_days: ordinary_days?,
        emergency_days: emergency_days?,
        long_days_unconfirmed: long_days_unconfirmed?,
        long_days_max: long_days_max?,
        drugs_max: drugs_max?,
        child_under_years: child_under_years?,
        guardian_under_years: guardian_under_years?,
        overlap_grace_days: overlap_grace_days?,
        days_in_hand_max: days_in_hand_max?,
    })
}

fn lease(of: &mut Section<'_>) -> Option<LeasePolicy> {
    let counter = of.count("counter_minutes", 1..=24 * 60);
    let freeze = of.count("freeze_minutes", 1..=3 * 24 * 60);
    let order = of.count("order_days_max", 1..=3);
    Some(LeasePolicy { counter_minutes: counter?, freeze_minutes: freeze?, order_days_max: order? })
}

fn hold(of: &mut Section<'_>) -> Option<HoldPolicy> {
    let doctor_hours = of.count("doctor_hours", 1..=30 * 24);
    let agency_hours = of.count("agency_hours", 1..=30 * 24);
    let regulator_hours = of.count("regulator_hours", 1..=30 * 24);
    Some(HoldPolicy {
        doctor_hours: doctor_hours?,
        agency_hours: agency_hours?,
        regulator_hours: regulator_hours?,
    })
}

fn proxy(of: &mut Section<'_>) -> Option<ProxyPolicy> {
    let (allowed, registered_only) = (of.figure("allowed"), of.figure("registered_only"));
    let persons_max = of.count("persons_max", 1..=1000);
    Some(ProxyPolicy {
        allowed: allowed?,
        registered_only: registered_only?,
        persons_max: persons_max?,
    })
}

fn paper(of: &mut Section<'_>) -> Option<PaperPolicy> {
    let dual = of.figure("dual_channel_refused_from");
    let pooling = of.figure("pooling_refused_from");
    Some(PaperPolicy { dual_channel_refused_from: dual?, pooling_refused_from: pooling? })
}

fn trace(of: &mut Section<'_>) -> Option<TracePolicy> {
    let (from, exempt) = (of.figure("required_from"), of.figure("exempt_kinds"));
    Some(TracePolicy { required_from: from?, exempt_kinds: exempt? })
}

fn pooling(of: &mut Section<'_>) -> Option<PoolingPolicy> {
    let (resident, employee) = (of.figure("resident"), of.figure("employee"));
    let remote_from = of.figure("remote_from");
    Some(PoolingPolicy { resident: resident?, employee: employee?, remote_from: remote_from? })
}

fn dual_channel(of: &mut Section<'_>) -> Option<DualChannelPolicy> {
    let separate_payment = of.figure("separate_payment");
    let fixed_parties = of.figure("fixed_parties");
    let entitlement_required = of.figure("entitlement_required");
    let entitlement_months_max = of.count("entitlement_months_max", 1..=60);
    let pharmacies_per_county = of.count("pharmacies_per_county", 0..=100);
    Some(DualChannelPolicy {
        separate_payment: separate_payment?,
        fixed_parties: fixed_parties?,
        entitlement_required: entitlement_required?,
        entitlement_months_max: entitlement_months_max?,
        pharmacies_per_county: pharmacies_per_county?,
    })
}

fn pharmacy(of: &mut Section<'_>) -> Option<PharmacyPolicy> {
    let open_months_min = of.count("open_months_min", 0..=60);
    let pharmacists_min = of.count("pharmacists_min", 1..=10);
    let dual_channel_pharmacists_min = of.count("dual_channel_pharmacists_min", 1..=10);
    let dual_channel_years_min = of.count("dual_channel_years_min", 0..=10);
    let suspension_days_max = of.count("suspension_days_max", 1..=366);
    let remote_review = of.figure("remote_review");
    let delivery_identity = of.figure("delivery_identity");
    Some(PharmacyPolicy {
        open_months_min: open_months_min?,
        pharmacists_min: pharmacists_min?,
        dual_channel_pharmacists_min: dual_channel_pharmacists_min?,
        dual_channel_years_min: dual_channel_years_min?,
        suspension_days_max: suspension_days_max?,
        remote_review: remote_review?,
        delivery_identity: delivery_identity?,
    })
}

fn points(of: &mut Section<'_>) -> Option<PointsPolicy> {
    let (suspended_at, ended_at) = (of.count("suspended_at", 1..=12), of.count("ended_at", 1..=12));
    let emergency_exempt = of.figure("emergency_exempt");
    Some(PointsPolicy {
        suspended_at: suspended_at?,
        ended_at: ended_at?,
        emergency_exempt: emergency_exempt?,
    })
}

fn first_self_pay(of: &mut Section<'_>) -> Option<FirstSelfPay> {
    let (class_b, negotiated) = (of.figure("class_b"), of.figure("negotiated"));
    let (decoction_piece, local_item) = (of.figure("decoction_piece"), of.figure("local_item"));
    Some(FirstSelfPay {
        class_b: class_b?,
        negotiated: negotiated?,
        decoction_piece: decoction_piece?,
        local_item: local_item?,
    })
}

/// The figures of a way to treat non-selected drugs belong to that way alone.
fn vbp(of: &mut Section<'_>) -> Option<VbpPolicy> {
    let historic_prices = of.figure("historic_prices");
    let non_selected: Option<Figure<NonSelected>> = of.figure("non_selected");
    let way = non_selected.as_ref().map(|figure| figure.value);
    let staged = match way {
        Some(NonSelected::Staged) => of.section("staged", staged).map(Some),
        _ => Some(None),
    };
    let raised_share_by = match way {
        Some(NonSelected::RaisedShare) => of.figure("raised_share_by").map(Some),
        _ => Some(None),
    };
    let pharmacy_markup_max = of.figure("pharmacy_markup_max");
    let non_selected_share_max = of.figure("non_selected_share_max");
    Some(VbpPolicy {
        historic_prices: historic_prices?,
        non_selected: non_selected?,
        staged: staged?,
        raised_share_by: raised_share_by?,
        pharmacy_markup_max: pharmacy_markup_max?,
        non_selected_share_max: non_selected_share_max?,
    })
}

fn staged(of: &mut Section<'_>) -> Option<StagedPath> {
    let (from, years) = (of.figure("from"), of.count("years", 2..=3));
    let threshold_percent = of.count("threshold_percent", 100..=1000);
    let (tie, first_cut) = (of.figure("tie"), of.figure("first_cut"));
    Some(StagedPath {
        from: from?,
        years: years?,
        threshold_percent: threshold_percent?,
        tie: tie?,
        first_cut: first_cut?,
    })
}

fn prices(of: &mut Section<'_>) -> Option<PricePolicy> {
    let listed_markup_max = of.figure("listed_markup_max");
    let mode_days = of.count("mode_days", 1..=366);
    let online_alert_percent = of.count("online_alert_percent", 100..=1000);
    let no_supplier_percent = of.count("no_supplier_percent", 100..=1000);
    Some(PricePolicy {
        listed_markup_max: listed_markup_max?,
        mode_days: mode_days?,
        online_alert_percent: online_alert_percent?,
        no_supplier_percent: no_supplier_percent?,
    })
}
