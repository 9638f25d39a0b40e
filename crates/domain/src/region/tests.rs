//! The shipped policies, and policies with something wrong in them.

use super::*;

const LHASA: &str = include_str!("../../../../catalogue/regions/540100.toml");
const QINGYANG: &str = include_str!("../../../../catalogue/regions/621000.toml");
const GOLMUD: &str = include_str!("../../../../catalogue/regions/632801.toml");
const CHANGSHA: &str = include_str!("../../../../catalogue/regions/430100.toml");

fn read(text: &str) -> Region {
    Region::parse(text, "d").unwrap_or_else(|faults| panic!("{faults:#?}"))
}
fn faults(text: &str) -> Vec<String> {
    let faults = Region::parse(text, "d").expect_err("must be refused");
    faults.iter().map(ToString::to_string).collect()
}
/// The policy of Lhasa with one piece of text changed.
fn changed(from: &str, to: &str) -> String {
    assert!(LHASA.contains(from), "{from}");
    LHASA.replacen(from, to, 1)
}
fn day(text: &str) -> NaiveDate {
    text.parse().expect("date")
}
fn yuan(text: &str) -> Option<Yuan> {
    Some(text.parse().expect("amount"))
}
fn ratio(text: &str) -> Ratio {
    text.parse().expect("ratio")
}

#[test]
fn all_shipped_policies_read_and_say_nothing_without_effect() {
    for text in [LHASA, QINGYANG, GOLMUD, CHANGSHA] {
        let region = read(text);
        assert_eq!(region.without_effect(), [], "{}", region.name_en);
        assert!(region.figures().iter().all(|one| one.assumed == one.source.is_none()));
    }
}

#[test]
fn the_policy_of_lhasa_says_what_is_assumed_and_where_the_rest_comes_from() {
    let lhasa = read(LHASA);
    assert_eq!(lhasa.area.as_str(), "540100");
    assert_eq!(lhasa.lease.counter_ms(), 30 * 60_000);
    assert!(lhasa.assumed().contains(&"first_self_pay.class_b"));
    assert!(!lhasa.assumed().contains(&"rx.valid_days_max"));
    let granules = lhasa.figure("granules.payable_from").expect("a figure");
    assert_eq!(
        granules.to_string(),
        "granules.payable_from = 2023-09-01 (藏医保办〔2023〕32号，2023-08-15)"
    );
}

#[test]
fn a_path_that_is_not_written_pays_nothing() {
    let lhasa = read(LHASA);
    assert_eq!(lhasa.benefit(RxAttribute::Other, InsuranceType::Employee).ratio, Ratio::ZERO);
    let dual = lhasa.benefit(RxAttribute::DualChannel, InsuranceType::Resident);
    assert_eq!(dual.ratio, ratio("0.55"));
    assert_eq!(read(GOLMUD).path(Path::SeparatePayment, InsuranceType::Employee), None);
}

#[test]
fn two_diseases_in_golmud_are_paid_by_level_and_capped_by_disease() {
    let golmud = read(GOLMUD);
    let path = golmud.path(Path::TwoDisease, InsuranceType::Resident).expect("a path");
    for (level, share) in
        [(Level::Grassroots, "0.60"), (Level::Second, "0.50"), (Level::Third, "0.00")]
    {
        assert_eq!(path.terms(level, &[]).ratio, ratio(share), "{level:?}");
    }
    for (kinds, cap) in [
        (&["hypertension"][..], "400.00"),
        (&["diabetes"], "600.00"),
        (&["hypertension", "diabetes"], "1000.00"),
    ] {
        assert_eq!(path.terms(Level::Grassroots, kinds).cap, yuan(cap), "{kinds:?}");
    }
}

#[test]
fn changsha_pays_separately_seventy_and_sixty_and_hands_the_rest_on() {
    let changsha = read(CHANGSHA);
    for (insurance, share) in [(InsuranceType::Employee, "0.70"), (InsuranceType::Resident, "0.60")]
    {
        let path = changsha.path(Path::SeparatePayment, insurance).expect("a path");
        assert_eq!(path.terms(Level::Third, &[]).ratio, ratio(share));
        assert_eq!(path.over_quota.value, OverQuota::SeriousIllness);
        assert!(!path.joins_burden.value);
    }
    assert!(changsha.dual_channel.fixes(FixedParty::Patient));
    assert!(!read(QINGYANG).dual_channel.fixes(FixedParty::Patient));
}

#[test]
fn qingyang_comes_down_to_the_selected_price_in_yearly_stages() {
    let staged = read(QINGYANG).vbp.staged.expect("stages");
    for (on, stage) in [
        ("2024-06-01", 0),
        ("2025-12-31", 0),
        ("2026-01-01", 1),
        ("2028-01-01", 3),
        ("2035-01-01", 3),
    ] {
        assert_eq!(staged.stage_on(day(on)), stage, "{on}");
    }
}

#[test]
fn paper_is_refused_from_the_day_of_each_channel() {
    let (lhasa, changsha) = (read(LHASA), read(CHANGSHA));
    for (region, attribute, on, refused) in [
        (&lhasa, RxAttribute::DualChannel, "2024-12-31", false),
        (&lhasa, RxAttribute::DualChannel, "2025-01-01", true),
        (&lhasa, RxAttribute::OutpatientPooling, "2026-06-01", false),
        (&changsha, RxAttribute::OutpatientPooling, "2026-06-01", true),
    ] {
        assert_eq!(region.paper.is_refused(attribute, day(on)), refused, "{attribute:?} {on}");
    }
}

#[test]
fn every_fault_is_found_at_once_with_its_key_path() {
    let broken = LHASA
        .replace("valid_days_max = { value = 3, source", "valid_days_max = { value = 4, source")
        .replace("class_b = { value = \"0.10\", assumed = true }", "class_b = { value = \"0.10\" }")
        .replace("[lease]", "[lease]\ncolour = 1")
        .replace("negotiated = { value = \"0.20\"", "negotiated = { value = \"1.20\"")
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

#[test]
fn figures_that_contradict_one_another_refuse_the_file() {
    let shop = "registration_required = { value = true";
    for (from, to, expected) in [
        ("valid_days_default = { value = 1", "valid_days_default = { value = 3", None),
        (
            "valid_days_max = { value = 3",
            "valid_days_max = { value = 2",
            Some("lease.order_days_max: is 3"),
        ),
        (
            "long_days_max = { value = 84",
            "long_days_max = { value = 21",
            Some("rx.long_days_unconfirmed: is 28"),
        ),
        ("suspended_at = { value = 9", "suspended_at = { value = 12", None),
        ("ended_at = { value = 12", "ended_at = { value = 8", Some("points.suspended_at: is 9")),
        ("province = \"540000\"", "province = \"620000\"", Some("province: the area lies in")),
        (
            "valid_from = \"2025-01-01\"",
            "valid_from = \"2025-01-01\"\nvalid_to = \"2025-01-01\"",
            Some("valid_to: dates reversed"),
        ),
        (
            "separate_payment = { value = \"none\"",
            "separate_payment = { value = \"listed\"",
            Some("dual_channel.separate_payment: "),
        ),
        (
            "[\"institution\", \"doctor\", \"pharmacy\"]",
            "[\"doctor\", \"doctor\"]",
            Some("dual_channel.fixed_parties: names a party twice"),
        ),
        (
            "hypertension = { value = \"400.00\"",
            "hypertension = { value = \"4000.00\"",
            Some("benefits.two_disease.resident.cap_by_kind.hypertension: exceeds"),
        ),
        (
            "ratio = { value = \"0.65\"",
            "ratio = { value = \"0.00\"",
            Some("benefits.dual_channel.employee.ratio: pays nothing"),
        ),
        (
            "authority = { value = \"gateway\"",
            "authority = { value = \"core\"",
            Some("settlement.authority: "),
        ),
        (
            "use_policy = { value = \"single_use\"",
            "use_policy = { value = \"by_line\"",
            Some("settlement.use_policy: "),
        ),
        (
            "poor_ratio_bonus = { value = \"0.05\"",
            "poor_ratio_bonus = { value = \"0.45\"",
            Some("layers.serious_illness.poor_ratio_bonus: "),
        ),
        (shop, shop, None),
    ] {
        let read = Region::parse(&changed(from, to), "d");
        let found = read.err().unwrap_or_default();
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        match expected {
            Some(start) => {
                assert!(texts.iter().any(|one| one.starts_with(start)), "{to}: {texts:?}")
            }
            None => assert!(texts.is_empty(), "{to}: {texts:?}"),
        }
    }
}

#[test]
fn figures_of_a_way_that_is_not_taken_are_unknown_and_those_of_one_that_is_are_needed() {
    let staged = faults(&changed(
        "non_selected = { value = \"converged\"",
        "non_selected = { value = \"staged\"",
    ));
    assert_eq!(staged, ["vbp.staged: is missing"]);
    let raised = "non_selected = { value = \"raised_share\"";
    assert_eq!(
        faults(&changed("non_selected = { value = \"converged\"", raised)),
        ["vbp.raised_share_by: is missing"]
    );
    let unused =
        changed("[prices]", "[vbp.staged]\nyears = { value = 3, assumed = true }\n\n[prices]");
    assert_eq!(faults(&unused), ["vbp.staged: is unknown"]);
}

#[test]
fn an_entry_without_effect_is_remarked() {
    let text =
        format!("{LHASA}\n[rules.RX-19]\nmode = {{ value = \"enforce\", assumed = true }}\n");
    let remarks: Vec<String> =
        read(&text).without_effect().iter().map(ToString::to_string).collect();
    assert_eq!(remarks, ["rules.RX-19: `enforce` is what holds without an entry"]);
}

#[test]
fn versions_of_one_area_follow_one_another_and_never_overlap() {
    let next = changed("valid_from = \"2025-01-01\"", "valid_from = \"2027-01-01\"");
    let until = changed(
        "valid_from = \"2025-01-01\"",
        "valid_from = \"2025-01-01\"\nvalid_to = \"2027-01-01\"",
    );
    let overlapping = Regions::new(vec![read(LHASA), read(&next)]).expect_err("overlap");
    assert_eq!(overlapping.len(), 1, "{overlapping:?}");
    let regions = Regions::new(vec![read(&next), read(GOLMUD), read(&until)]).expect("in order");
    let lhasa = read(LHASA).area;
    for (on, from) in [
        ("2024-12-31", None),
        ("2025-01-01", Some("2025-01-01")),
        ("2026-12-31", Some("2025-01-01")),
        ("2027-01-01", Some("2027-01-01")),
    ] {
        let found = regions.on(&lhasa, day(on)).map(|region| region.valid_from);
        assert_eq!(found, from.map(day), "{on}");
    }
    assert_eq!(regions.iter().count(), 3);
}
