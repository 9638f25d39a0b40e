//! A small broken catalogue: every kind of fault is reported, each with its file and row, all at
//! once.
#![expect(clippy::expect_used, reason = "a test may stop at once")]

use domain::catalogue::{Catalogue, Fault, Files};
use proptest::prelude::*;

const MANIFEST: &str = r#"
[[edition]]
id = "2024"
valid_from = "2025-01-01"
valid_to = "2026-01-01"
official_drugs = 2
source = "test"
[[table]]
kind = "drugs"
edition = "2024"
file = "drugs.csv"
complete = true
source = "test"
[[table]]
kind = "payment_standards"
edition = "2024"
file = "prices.csv"
complete = true
source = "test"
[[table]]
kind = "ethnic"
file = "ethnic.csv"
complete = true
source = "test"
[[table]]
kind = "diagnoses"
file = "diagnoses.csv"
complete = true
source = "test"
[[table]]
kind = "code_limits"
file = "codes.csv"
complete = false
source = "test"
[[table]]
kind = "vbp"
file = "vbp.csv"
complete = false
source = "test"
[vbp]
contract_months = 24
assumed = true
"#;

const DRUGS_HEADER: &str = "id,part,further_form,name,class,dosage_form,restriction,\
    restriction_known,agreement_from,agreement_to,price_confidential";
const VBP_HEADER: &str = "batch,generic_name,dosage_form,spec,multi_spec,maker,selected,\
    price_unit_yuan,regions,tender_start";

fn sound() -> Files {
    let drugs = format!(
        "{DRUGS_HEADER}\n1,western,0,甲药,A,口服常释剂型,,known,,,0\n\
         2,negotiated_western,0,乙药片,B,,,known,2024-01-01,2026-01-01,0\n\
         3,chinese_patent,0,沉香丸,B,,,known,,,0\n"
    );
    let vbp = format!("{VBP_HEADER}\n4,甲药,片,1mg,0,某厂,1,0.5,西藏,2021-05-01\n");
    [
        ("catalogue.toml", MANIFEST.to_owned()),
        ("drugs.csv", drugs),
        (
            "prices.csv",
            "id,price_yuan,spec,valid_from,valid_to\n2,1.5,1mg,2024-01-01,2026-01-01\n".into(),
        ),
        ("ethnic.csv", "group,name,class\ntibetan,沉香丸,B\n".into()),
        ("diagnoses.csv", "code,name\nA00.000,霍乱\n".into()),
        (
            "codes.csv",
            "code,generic_name,limit,value,batch\nZA04CAE0023010100166,某液,age,儿童,1\n".into(),
        ),
        ("vbp.csv", vbp),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .collect()
}

fn append(files: &mut Files, name: &str, lines: &[u8]) {
    files.get_mut(name).expect("file of the test").extend_from_slice(lines);
}

fn faults(files: &Files) -> Vec<Fault> {
    Catalogue::build(files, String::new()).err().unwrap_or_default()
}

/// Whether a fault is at `file:row`, names the column and says `words`.
fn has(faults: &[Fault], place: (&str, u64), column: &str, words: &str) -> bool {
    faults.iter().any(|fault| {
        (fault.file.as_str(), fault.row) == place
            && fault.column == column
            && fault.message.contains(words)
    })
}

#[test]
fn a_sound_catalogue_has_no_faults() {
    assert_eq!(faults(&sound()), []);
}

#[test]
fn every_fault_of_every_file_is_reported_with_its_row() {
    let mut files = sound();
    append(
        &mut files,
        "drugs.csv",
        "1,western,0,丙药,A,,,known,,,0\n\
         5,western,0,甲药,A,口服常释剂型,,known,,,0\n\
         6,western,0,丁药,丙,,,known,,,0\n\
         7,negotiated_western,0,戊药片,B,,,known,2026-01-01,2024-01-01,0\n\
         8,negotiated_western,0,己药片,B,,,known,,,0\n\
         9,elixir,0,庚药,A,,,known,,,0\n\
         10,western,0,,A,,,known,,,maybe\n\
         11,western\n"
            .as_bytes(),
    );
    append(&mut files, "drugs.csv", b"12,western,0,\xff\xfe,A,,,known,,,0\n");
    append(
        &mut files,
        "prices.csv",
        b"2,dear,2mg,2024-01-01,2026-01-01\n2,-1,3mg,2024-01-01,2026-01-01\n\
          2,2.5,1mg,2025-01-01,2026-01-01\n99,1,1mg,2024-01-01,2026-01-01\n\
          2,1,5mg,2024-13-01,2026-01-01\n",
    );
    append(&mut files, "ethnic.csv", "tibetan,沉香丸,A\nmongolian,无名丸,B\n".as_bytes());
    append(&mut files, "diagnoses.csv", "A00.000,霍乱\nAA,霍乱\n".as_bytes());
    append(
        &mut files,
        "codes.csv",
        "ZA04CAE002301010016,某液,age,儿童,1\nQ1,某液,age,儿童,1\n\
         ZA04CAE0023010100166,某液,age,儿童,1\nZA04CAE0023010100167,某液,age,老人,1\n"
            .as_bytes(),
    );
    files.insert("vbp.csv".into(), b"batch,generic_name\n4,x\n".to_vec());

    let faults = faults(&files);
    for (place, column, words) in [
        (("drugs.csv", 5), "id", "used twice"),
        (("drugs.csv", 6), "name", "listed twice"),
        (("drugs.csv", 7), "class", "write one of A, B"),
        (("drugs.csv", 8), "agreement_to", "reversed"),
        (("drugs.csv", 9), "agreement_from", "needs its agreement"),
        (("drugs.csv", 10), "part", "write one of"),
        (("drugs.csv", 11), "name", "is empty"),
        (("drugs.csv", 12), "", "has 2 cells"),
        (("drugs.csv", 13), "name", "not UTF-8"),
        (("prices.csv", 3), "price_yuan", "not a price"),
        (("prices.csv", 4), "price_yuan", "not a price"),
        (("prices.csv", 5), "valid_from", "overlaps"),
        (("prices.csv", 6), "id", "no drug of this edition"),
        (("prices.csv", 7), "valid_from", "not a date"),
        (("ethnic.csv", 3), "name", "listed twice"),
        (("ethnic.csv", 4), "name", "in no national edition"),
        (("diagnoses.csv", 3), "code", "listed twice"),
        (("diagnoses.csv", 4), "code", "not a diagnosis code"),
        (("codes.csv", 3), "code", "must have 20 characters, has 19"),
        (("codes.csv", 4), "code", "begins with none of"),
        (("codes.csv", 5), "code", "listed twice"),
        (("codes.csv", 6), "value", "not a value"),
        (("vbp.csv", 1), "price_unit_yuan", "column is missing"),
    ] {
        assert!(has(&faults, place, column, words), "{place:?} {column} {words}\n{faults:#?}");
    }
    assert!(faults.is_sorted());
    assert!(faults.iter().all(|fault| !fault.to_string().contains('\n')));
}

#[test]
fn a_local_list_may_not_alter_a_class() {
    let mut files = sound();
    files.insert("ethnic.csv".into(), "group,name,class\ntibetan,沉香丸,A\n".into());
    assert!(has(&faults(&files), ("ethnic.csv", 2), "class", "CAT-04"));
}

#[test]
fn a_manifest_that_cannot_hold_is_refused() {
    let with = |from: &str, to: &str| {
        let mut files = sound();
        files.insert("catalogue.toml".into(), MANIFEST.replacen(from, to, 1).into_bytes());
        faults(&files)
    };
    let second = "[[edition]]\nid = \"2025\"\nvalid_from = \"2025-12-01\"\n\
        official_drugs = 1\nsource = \"test\"\n[[table]]";
    for (from, to, words) in [
        ("valid_to = \"2026-01-01\"", "valid_to = \"2024-01-01\"", "dates reversed"),
        ("[[table]]", second, "validity overlaps"),
        ("edition = \"2024\"", "edition = \"1999\"", "not in this file"),
        ("drugs.csv", "missing.csv", "not there"),
        ("kind = \"vbp\"", "kind = \"gossip\"", "gossip"),
    ] {
        let faults = with(from, to);
        assert!(faults.iter().any(|f| f.message.contains(words)), "{words}: {faults:?}");
    }
    assert!(has(&faults(&Files::new()), ("catalogue.toml", 0), "", "is missing"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_the_loader_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..300),
        text in "[\\PC,\\n\"()（）、片丸]{0,200}",
        victim in 0_usize..7,
    ) {
        for bytes in [noise, text.into_bytes()] {
            for keeps_head in [false, true] {
                let mut files = sound();
                let name = files.keys().nth(victim).cloned().unwrap_or_default();
                let file = files.entry(name).or_default();
                if !keeps_head {
                    file.clear();
                }
                file.extend_from_slice(&bytes);
                if let Ok(catalogue) = Catalogue::build(&files, String::new()) {
                    let edition = catalogue.editions().first().expect("an edition");
                    let name = String::from_utf8_lossy(&bytes);
                    drop(edition.find(&name, Some(&name)));
                    drop(catalogue.limits_for(&name, &name));
                }
            }
        }
    }
}

/// Rows of a province's list and of products in a sound catalogue.
fn with_lists(local: &str, dual: &str, products: &str) -> Files {
    let mut files = sound();
    let tables = "[[table]]\nkind = \"local_items\"\nprovince = \"540000\"\nfile = \"local.csv\"\n\
        complete = true\nsource = \"test\"\n[[table]]\nkind = \"dual_channel\"\n\
        province = \"540000\"\nfile = \"dual.csv\"\ncomplete = true\nsource = \"test\"\n\
        [[table]]\nkind = \"products\"\nfile = \"products.csv\"\ncomplete = false\n\
        source = \"test\"\n[vbp]";
    let manifest = MANIFEST.replace("[vbp]", tables);
    let head =
        "kind,name,dosage_form,class,not_alone,registration_no,institutions,valid_from,valid_to\n";
    let of_dual = "name,dosage_form,separate_payment,valid_from,valid_to\n";
    let of_products = "national_code,generic_name,dosage_form,spec,units_per_pack,maker,\
        approval_no,trace_identifiers\n";
    for (name, text) in [
        ("catalogue.toml", manifest),
        ("local.csv", format!("{head}{local}")),
        ("dual.csv", format!("{of_dual}{dual}")),
        ("products.csv", format!("{of_products}{products}")),
    ] {
        files.insert(name.to_owned(), text.into_bytes());
    }
    files
}

#[test]
fn a_province_lists_its_own_items_for_their_days_and_institutions() {
    use domain::catalogue::{Class, Listed, LocalKind};
    let local = "preparation,某藏药丸,丸剂,B,0,藏药制字Z20200001,H54010000001|H54010000002,2025-01-01,\n\
        granule,甲草配方颗粒,颗粒剂,B,1,,,2025-01-01,2026-01-01\n";
    let dual = "乙药片,片剂,1,2025-01-01,2026-01-01\n";
    let catalogue = Catalogue::build(&with_lists(local, dual, ""), String::new()).expect("sound");
    let on = "2025-06-01".parse().expect("date");
    let Listed::Yes(pill) = catalogue.local_item("540000", LocalKind::Preparation, "某藏药丸", on)
    else {
        panic!("listed");
    };
    assert_eq!(pill.class, Some(Class::B));
    assert!(pill.is_paid_at("H54010000002") && !pill.is_paid_at("P54010000001"));
    let granule = |on: &str| {
        let on = on.parse().expect("date");
        catalogue.local_item("540000", LocalKind::Granule, "甲草配方颗粒", on)
    };
    assert!(matches!(granule("2025-12-31"), Listed::Yes(item) if item.not_alone));
    assert_eq!(granule("2026-01-01"), Listed::No, "the list is complete");
    let elsewhere = catalogue.local_item("630000", LocalKind::Preparation, "某藏药丸", on);
    assert_eq!(elsewhere, Listed::Unverified, "another province's list is not loaded");
    let drug = catalogue.dual_channel("540000", ("乙药片", "片剂"), on);
    assert!(matches!(drug, Listed::Yes(drug) if drug.separate_payment));
}

#[test]
fn a_list_that_alters_the_nations_or_says_half_refuses_the_whole() {
    let local = "ethnic_drug,沉香丸,丸剂,A,0,,,2025-01-01,\n\
        preparation,大力克,,,0,,,2025-01-01,\n\
        granule,甲草配方颗粒,颗粒剂,丙,2,,H54010000001,2025-01-01,2024-01-01\n\
        granule,乙草配方颗粒,颗粒剂,B,0,,,2025-01-01,\n\
        granule,乙草配方颗粒,颗粒剂,B,0,,,2025-06-01,\n";
    let dual = "乙药片,片剂,yes,,\n";
    let found = faults(&with_lists(local, dual, ""));
    for (place, column, words) in [
        (("local.csv", 2), "name", "CAT-04"),
        (("local.csv", 3), "institutions", "CAT-08"),
        (("local.csv", 3), "registration_no", "needs its registration"),
        (("local.csv", 4), "class", "write one of"),
        (("local.csv", 4), "not_alone", "write one of"),
        (("local.csv", 4), "institutions", "CAT-08"),
        (("local.csv", 4), "valid_to", "dates reversed"),
        (("local.csv", 6), "name", "listed twice"),
        (("dual.csv", 2), "separate_payment", "write one of"),
        (("dual.csv", 2), "valid_from", "is empty"),
    ] {
        assert!(has(&found, place, column, words), "{place:?} {column} {words}: {found:#?}");
    }
}

/// Rows of another city's open list (2026), as they come out of a spreadsheet: codes lost or of the
/// city's own, maker and number in one cell.
#[test]
fn another_citys_list_is_not_taken_for_products_and_every_row_says_why() {
    let rows = "8.69E+13,盐酸雷莫司琼注射液,注射剂,2ml:0.3mg,1,中孚药业股份有限公司,国药准字H20056888,\n\
        86902770000153,阿仑膦酸钠片,片剂,按阿仑膦酸计70mg,,石药集团欧意药业有限公司,国药准字H20061303,\n\
        ,奥美拉唑镁肠溶片,片剂,20mg,7,AstraZeneca AB,H20130288,8385793\n\
        ,维C银翘片,片剂,基片重0.32g,24,陕西汉王药业有限公司,陕西汉王药业有限公司（国药准字Z20025358）,8385793\n\
        31200886,漏芦,,,1,,,\n";
    let found = faults(&with_lists("", "", rows));
    for (row, column) in [
        (2, "national_code"),
        (3, "national_code"),
        (3, "units_per_pack"),
        (5, "approval_no"),
        (6, "national_code"),
        (6, "dosage_form"),
        (6, "maker"),
    ] {
        assert!(has(&found, ("products.csv", row), column, ""), "{row} {column}: {found:#?}");
    }
    assert!(found.iter().all(|fault| fault.row != 4), "the import of old is sound: {found:#?}");
}

#[test]
fn a_table_of_the_nation_names_no_province_and_one_of_a_province_does() {
    let manifest =
        MANIFEST.replace("kind = \"diagnoses\"", "kind = \"diagnoses\"\nprovince = \"540000\"");
    let mut files = sound();
    files.insert("catalogue.toml".into(), manifest.into_bytes());
    let found = faults(&files);
    assert!(has(&found, ("catalogue.toml", 0), "province", "to these only"), "{found:#?}");
}

#[test]
fn the_difference_of_two_catalogues_is_told_row_by_row() {
    use domain::catalogue::diff;
    let (before, mut after) = (sound(), sound());
    assert_eq!(diff(&before, &after), Ok(Vec::new()));
    let drugs = String::from_utf8(after["drugs.csv"].clone()).expect("text");
    let drugs =
        drugs.replace("1,western,0,甲药,A", "1,western,0,甲药,B").replace("3,chinese", "4,chinese");
    after.insert("drugs.csv".into(), drugs.into_bytes());
    append(&mut after, "catalogue.toml", b"# a note\n");
    let tables = diff(&before, &after).expect("tables");
    let names: Vec<&str> = tables.iter().map(|table| table.file.as_str()).collect();
    assert_eq!(names, ["catalogue.toml", "drugs.csv"]);
    let (manifest, drugs) = (&tables[0], &tables[1]);
    assert!(manifest.differs_otherwise);
    assert_eq!(
        (&drugs.added[..], &drugs.removed[..]),
        (&["4".to_owned()][..], &["3".to_owned()][..])
    );
    let class = ("class".to_owned(), "A".to_owned(), "B".to_owned());
    assert_eq!(drugs.changed.len(), 1);
    assert_eq!((drugs.changed[0].key.as_str(), &drugs.changed[0].cells[..]), ("1", &[class][..]));
}
