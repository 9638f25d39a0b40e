//! The real files of `catalogue/` through the loader: official totals, dates, and names as
//! prescriptions write them.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop at once")]

use std::path::Path;
use std::sync::LazyLock;

use chrono::NaiveDate;
use domain::catalogue::{
    Catalogue, Class, EthnicGroup, Files, Found, Knowledge, Knows, LimitKind, LimitValue, Part,
    Standing, VbpQuery,
};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::build(&files(), "test".to_owned()).unwrap_or_else(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{} faults\n{}", lines.len(), lines.join("\n"))
    })
});

fn files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue");
    let mut files = Files::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder of the project") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "csv" || end == "toml") {
                let name = path.strip_prefix(&root).expect("below the root");
                let name = name.to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read(&path).expect("file of the project"));
            }
        }
    }
    files
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("date")
}

/// What a name with a form is found as in an edition: `id by`, `ambiguous`, `nothing`.
fn found(edition: &str, name: &str, form: Option<&str>) -> String {
    match CATALOGUE.edition(edition).expect("edition").find(name, form) {
        Found::One(matched) => {
            let name = domain::catalogue::names::normal(&matched.item.printed_name);
            format!("{name} {:?}", matched.by)
        }
        Found::Ambiguous(_) => "ambiguous".to_owned(),
        Found::Nothing => "nothing".to_owned(),
    }
}

/// The item of a name in an edition; the test's names are unambiguous.
fn item(edition: &str, name: &str) -> &'static domain::catalogue::Item {
    CATALOGUE.edition(edition).expect("edition").find(name, None).item().expect(name)
}

#[test]
fn counts_equal_the_official_totals() {
    // Negotiated in 2025: 399 + 12 western, and the 33 of 61 Chinese patent medicines that are
    // known. Unknown: the other 28 of them, and 892 decoction pieces that only the 2024 list names.
    let stats = serde_json::to_value(CATALOGUE.stats()).expect("json");
    let wanted = serde_json::json!({
        "editions": {
            "2024": {
                "drugs": 3159, "official_drugs": 3159, "western": 1765, "chinese_patent": 1394,
                "negotiated": 425, "decoction_pieces": 892, "carried": 0, "unknown": 0
            },
            "2025": {
                "drugs": 3225, "official_drugs": 3253, "western": 1857, "chinese_patent": 1368,
                "negotiated": 444, "decoction_pieces": 892, "carried": 1786, "unknown": 920
            }
        },
        "ethnic": 96, "icd10": 33304, "national_code_limits": 13827, "national_codes": 13738,
        "vbp_prices": 535, "clinical_diagnoses": 4143, "divisions": 7659, "commercial_drugs": 19,
        "local_items": 0, "dual_channel_drugs": 0, "products": 1, "atc_names": 323,
        "interactions": 1616,
        "restrictions": {
            "texts": 628, "parsed_whole": 89, "parsed_partly": 457, "unparsed": 82, "reviewed": 0
        }
    });
    assert_eq!(stats, wanted);
}

#[test]
fn the_edition_turns_with_the_year() {
    let on = |date| CATALOGUE.edition_on(day(date)).map(|edition| &*edition.id);
    assert_eq!(on("2024-12-31"), None);
    assert_eq!(on("2025-12-31"), Some("2024"));
    assert_eq!(on("2026-01-01"), Some("2025"));
}

#[test]
fn a_negotiated_drug_is_paid_within_its_agreement_only() {
    let drug = item("2025", "注射用艾普拉唑钠");
    for (date, wanted) in [
        ("2025-12-31", Standing::OutsideAgreement),
        ("2026-01-01", Standing::InForce),
        ("2027-12-31", Standing::InForce),
        ("2028-01-01", Standing::OutsideAgreement),
    ] {
        assert_eq!(drug.standing_on(day(date)), wanted, "{date}");
    }
    let price = |edition, date| {
        let drug = item(edition, "注射用艾普拉唑钠");
        drug.payment_standards_on(day(date)).map(|s| s.price.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(price("2024", "2025-12-31"), ["63.00"]);
    assert_eq!(price("2025", "2026-01-01"), ["52.60"]);
    assert_eq!(price("2025", "2025-12-31"), [""; 0]);
}

#[test]
fn a_2024_item_that_is_gone_is_not_found_in_2025() {
    for (name, form) in [("小儿百寿丸", None), ("维生素K4片", Some("片剂")), ("狼疮丸", None)]
    {
        assert_ne!(found("2024", name, form), "nothing", "{name}");
        assert_eq!(found("2025", name, form), "nothing", "{name}");
    }
}

#[test]
fn an_agreement_that_was_not_renewed_is_paid_for_half_a_year() {
    let until = day("2026-07-01");
    let drug = item("2025", "达诺瑞韦钠片");
    assert_eq!((drug.listing, drug.transition_until), (Knowledge::Known, Some(until)));
    assert_eq!(drug.standing_on(day("2026-06-30")), Standing::InTransition { until });
    assert_eq!(drug.standing_on(until), Standing::OutsideAgreement);
    let old: Vec<String> =
        drug.payment_standards_on(day("2026-06-30")).map(|s| s.price.to_string()).collect();
    assert_eq!(old, ["8.30"]);
    assert_eq!(drug.payment_standards_on(until).count(), 0);
    // Whether a Chinese patent medicine was renewed is not known: the list of 2025 was not found.
    assert_eq!(item("2025", "丹红注射液").listing, Knowledge::Unknown);
    let edition = CATALOGUE.edition("2025").expect("edition");
    assert!(!edition.knows_all_of(Part::NegotiatedChinesePatent));
    assert!(edition.knows_all_of(Part::NegotiatedWestern));
}

#[test]
fn an_ethnic_medicine_is_found_under_both_editions() {
    for edition in ["2024", "2025"] {
        let medicine = item(edition, "八味沉香丸");
        assert_eq!(medicine.ethnic_group, Some(EthnicGroup::Tibetan), "{edition}");
        assert_eq!(medicine.class, Some(Class::B), "{edition}");
        assert_eq!(item(edition, "如意珍宝片").ethnic_group, Some(EthnicGroup::Tibetan));
    }
}

#[test]
fn a_decoction_piece_knows_its_mark() {
    for (name, not_alone, excluded) in
        [("一枝黄花", false, false), ("小茴香", true, false), ("阿胶", false, true)]
    {
        let piece = item("2024", name);
        assert_eq!((piece.not_alone, piece.excluded), (not_alone, excluded), "{name}");
        assert_eq!(piece.part, Part::DecoctionPiece);
        assert_eq!(item("2025", name).listing, Knowledge::Carried, "{name}");
    }
    // 炉甘石 is a drug and a piece: the form says which.
    let of = |form| match CATALOGUE.edition("2024").expect("edition").find("炉甘石", form) {
        Found::One(matched) => Some(matched.item.part),
        _ => None,
    };
    assert_eq!(of(Some("中药饮片")), Some(Part::DecoctionPiece));
    assert_eq!(of(None), Some(Part::Western));
}

#[test]
fn names_are_found_as_prescriptions_write_them() {
    for (name, form, wanted) in [
        ("阿托伐他汀", Some("口服常释剂型"), "阿托伐他汀 Exact"),
        ("阿托伐他汀钙片", Some("片剂"), "阿托伐他汀 SaltStripped"),
        ("阿托伐他汀钙", Some("薄膜衣片"), "阿托伐他汀 SaltStripped"),
        ("苯磺酸氨氯地平片", None, "氨氯地平 SaltStripped"),
        ("阿奇霉素片", Some("片剂"), "阿奇霉素 FormStripped"),
        ("注射用头孢哌酮钠舒巴坦钠", Some("注射剂"), "头孢哌酮舒巴坦 SaltStripped"),
        ("复方氨基酸注射液（18AA－Ⅶ）", None, "复方氨基酸(18AA-VII) FormStripped"),
        ("注射用艾普拉唑钠", Some("注射剂"), "注射用艾普拉唑钠 Exact"),
        ("六味地黄丸（浓缩丸）", Some("丸剂"), "六味地黄丸 FormStripped"),
        ("感冒清热颗粒", None, "感冒清热颗粒(片、胶囊) Exact"),
        ("复方氨酚伪麻缓释胶囊", None, "nothing"),
    ] {
        assert_eq!(found("2025", name, form), wanted, "{name} {form:?}");
    }
}

#[test]
fn what_is_not_certain_is_not_found() {
    for (name, form, wanted) in [
        // The form in the name and the stated form contradict each other.
        ("注射用头孢曲松钠", Some("片剂"), "nothing"),
        // Several forms are paid differently, and none is stated.
        ("天麻素", None, "ambiguous"),
        // 硝酸甘油 in a form that is not listed is not 甘油.
        ("硝酸甘油灌肠液", None, "nothing"),
        // Listed by its approved name: another salt or form is another drug.
        ("奥希替尼胶囊", None, "nothing"),
        ("阿司匹林分散片", Some("分散片"), "nothing"),
        ("", None, "nothing"),
    ] {
        assert_eq!(found("2025", name, form), wanted, "{name} {form:?}");
    }
}

#[test]
fn the_restrictions_of_2025_say_how_they_are_known() {
    let known = item("2025", "利那洛肽胶囊").restriction.as_ref().map(|r| r.known);
    assert_eq!(known, Some(Knowledge::Known));
    let carried = item("2025", "德谷门冬双胰岛素注射液").restriction.as_ref().map(|r| r.known);
    assert_eq!(carried, Some(Knowledge::Carried));
    // No restriction, but the row was not read either.
    let unread = item("2025", "氨氯地平阿托伐他汀");
    assert_eq!((&unread.restriction, unread.restriction_known), (&None, Knowledge::Carried));
}

#[test]
fn limits_come_from_the_code_then_the_name_then_the_prefix() {
    let code = CATALOGUE.national_code("XB05BAX104B002010100309").expect("public code");
    assert_eq!(&*code.generic_name, "小儿复方氨基酸注射液(18AA-I)");
    assert_eq!(code.limits.len(), 2);
    let of = |code: &str, name: &str| {
        let limits = CATALOGUE.limits_for(code, name);
        limits.iter().map(|l| (l.kind, l.value.clone())).collect::<Vec<_>>()
    };
    let child = (LimitKind::Age, LimitValue::ChildOnly);
    assert_eq!(of("ZA04CAE0023010100166", ""), std::slice::from_ref(&child));
    assert_eq!(of("", "儿童清肺口服液"), std::slice::from_ref(&child));
    assert_eq!(of("ZA04CAE0023099999999", ""), [child]);
    assert_eq!(of("", "黄体酮注射液（Ⅱ）"), [(LimitKind::Sex, LimitValue::Female)]);
    assert!(CATALOGUE.limits_for("ZA04CAE0023010100166", "").iter().all(|l| l.basis.is_some()));
}

#[test]
fn only_a_complete_table_proves_absence() {
    assert!(CATALOGUE.knows_all(Knows::Diagnoses));
    assert!(!CATALOGUE.knows_all(Knows::NationalCodes));
    assert_eq!(CATALOGUE.diagnosis("I10.x00").map(|d| &*d.code), Some("I10.x00"));
    assert!(CATALOGUE.diagnosis("I10").is_none());
}

#[test]
fn a_procurement_price_is_per_unit_and_ends_by_assumption() {
    let query = VbpQuery {
        generic_name: "阿托伐他汀钙片",
        dosage_form: Some("片剂"),
        spec: "10mg*7片",
        maker: None,
        province: "西藏自治区",
    };
    let prices = |date| {
        let bids = CATALOGUE.vbp_price(&query, day(date));
        bids.iter().map(|b| b.price.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(prices("2020-06-01"), ["0.12"]);
    assert_eq!(prices("2019-11-30"), [""; 0]);
    assert_eq!(prices("2026-01-05"), [""; 0]);
    let elsewhere = VbpQuery { province: "湖南省", ..query };
    assert_eq!(CATALOGUE.vbp_price(&elsewhere, day("2020-06-01")).len(), 1);
    let unselected = VbpQuery { maker: Some("辉瑞"), ..query };
    assert!(CATALOGUE.vbp_price(&unselected, day("2020-06-01")).is_empty());
    assert!(CATALOGUE.vbp_bids("阿托伐他汀钙片", None).iter().all(|b| b.is_end_assumed));
}

#[test]
fn an_explanation_names_edition_restriction_and_agreement() {
    let text = CATALOGUE.explain("达诺瑞韦钠片", day("2026-03-01")).to_string();
    for part in ["edition: 2025", "payable before 2026-07-01", "8.30 元", "also in edition: 2024"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let code = CATALOGUE.explain("XB05BAX104B002010100309", day("2025-06-01"));
    assert_eq!((code.edition, code.limits.len()), (Some("2024"), 2));
    assert!(CATALOGUE.explain("I10.x00", day("2025-06-01")).to_string().contains("高血压"));
}

#[test]
fn a_drug_of_the_commercial_list_is_found_in_its_years_and_is_in_no_edition() {
    for (on, found) in
        [("2025-12-31", false), ("2026-01-01", true), ("2027-12-31", true), ("2028-01-01", false)]
    {
        assert_eq!(CATALOGUE.commercial("伊匹木单抗注射液", day(on)).is_some(), found, "{on}");
    }
    assert_eq!(found("2025", "伊匹木单抗注射液", None), "nothing");
    assert!(CATALOGUE.knows_all(Knows::Commercial));
}

#[test]
fn a_clinical_code_leads_to_the_diagnosis_that_it_means() {
    use domain::catalogue::Diagnosed;
    for (code, meant) in
        [("A01.000x002", Some("A01.003")), ("I10.x00", Some("I10.x00")), ("A01.0x", None)]
    {
        let found = match CATALOGUE.diagnosed(code) {
            Diagnosed::Insurance(found) => Some(&*found.code),
            Diagnosed::Clinical { written, meant } => {
                assert_eq!(written, code);
                Some(&*meant.code)
            }
            Diagnosed::Unknown => None,
        };
        assert_eq!(found, meant, "{code}");
    }
}

#[test]
fn a_division_is_found_by_its_code_with_all_that_contains_it() {
    for (code, path) in [
        ("540102", "西藏自治区拉萨市城关区"),
        ("632801", "青海省海西蒙古族藏族自治州格尔木市"),
        ("430102001", "湖南省长沙市芙蓉区文艺路街道"),
        ("110101", "北京市东城区"),
    ] {
        let division = CATALOGUE.division(code).expect(code);
        assert_eq!(format!("{}{}", division.within.concat(), division.name), path);
    }
    assert_eq!(CATALOGUE.division("999999"), None);
    for (code, counties) in [("540100", 8), ("621000", 8), ("430100", 9), ("632801", 1)] {
        assert_eq!(CATALOGUE.counties_of(code).len(), counties, "{code}");
    }
}

#[test]
fn what_a_province_lists_itself_is_unverified_because_no_list_is_public() {
    use domain::catalogue::{Listed, LocalKind};
    for province in ["540000", "620000", "630000", "430000", "110000"] {
        let item =
            CATALOGUE.local_item(province, LocalKind::Preparation, "某藏药丸", day("2026-01-05"));
        assert_eq!(item, Listed::Unverified, "{province}");
        let dual = CATALOGUE.dual_channel(province, ("某注射液", "注射剂"), day("2026-01-05"));
        assert_eq!(dual, Listed::Unverified, "{province}");
    }
}

#[test]
fn two_drugs_that_interact_are_hinted_at_with_the_text_of_the_thesaurus() {
    use domain::catalogue::Gravity;
    let found = CATALOGUE.interactions_between(&["华法林钠片", "阿司匹林肠溶片", "六味地黄丸"]);
    let pair = found.iter().find(|one| (one.one, one.other) == (0, 1)).expect("a hint");
    assert_eq!(pair.gravity, Gravity::Contraindicated);
    assert!(!pair.text_fr.is_empty());
    assert_eq!(found.len(), 1, "{found:?}");
    let again = CATALOGUE.same_therapy(&["阿托伐他汀钙片", "辛伐他汀片", "辛伐他汀分散片"]);
    assert!(
        again.iter().any(|one| (one.one, one.other, one.atc) == (1, 2, "C10AA01")),
        "{again:?}"
    );
    assert!(!CATALOGUE.knows_all(Knows::Interactions));
}

#[test]
fn a_hint_does_not_depend_on_the_order_of_the_drugs() {
    let (one, other) = (["华法林钠片", "阿司匹林肠溶片"], ["阿司匹林肠溶片", "华法林钠片"]);
    let gravity =
        |names: &[&str]| CATALOGUE.interactions_between(names).first().map(|one| one.gravity);
    assert_eq!(gravity(&one), gravity(&other));
}

#[test]
fn the_demos_products_are_read_in_the_format_of_a_register_and_are_plainly_invented() {
    use domain::catalogue::Products;
    let file = files().remove("demo/products.csv").expect("the demo's products");
    let products = Products::parse("demo/products.csv", &file).expect("sound");
    assert!(products.iter().all(|product| product.maker.contains("样例")));
    let boxed = "99000010000000000001".parse().expect("trace code");
    let cased = "98000010000000000001".parse().expect("trace code");
    assert_eq!(products.of_trace_code(&boxed), products.of_trace_code(&cased));
    assert!(products.of_trace_code(&boxed).is_some());
}

#[test]
fn work_injury_and_maternity_drugs_are_as_many_as_the_general_rules_count() {
    let edition = CATALOGUE.edition("2024").expect("edition");
    let injury = edition.items().iter().filter(|item| item.is_work_injury_only());
    assert_eq!(injury.filter(|item| !item.is_further_form).count(), 5);
    let says = |item: &&domain::catalogue::Item| {
        item.restriction.as_ref().is_some_and(|one| one.text.contains("生育保险"))
    };
    let maternity: Vec<_> = edition.items().iter().filter(says).collect();
    // One of the four is paid for another disease, too.
    assert_eq!(maternity.len(), 4);
    assert_eq!(maternity.iter().filter(|item| item.is_maternity_only()).count(), 3);
}
