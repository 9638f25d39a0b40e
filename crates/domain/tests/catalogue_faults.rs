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
                    let _ = edition.find(&name, Some(&name));
                    let _ = catalogue.limits_for(&name, &name);
                }
            }
        }
    }
}
