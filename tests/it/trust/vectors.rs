//! The vectors of the standards and of the e-prescription centres' convention, and `rxgate trust check`, which tries them and
//! anybody else's.

use std::process::{Command, Output};

use rxgate::trust::cases::{NoCases, Report, check};
use rxgate::trust::sm4::{CannotEncrypt, DoesNotOpen, Mode, Padding, Sm4};

use super::hex;

const STANDARDS: &str = include_str!("../../vectors/standards.json");
const EPC: &str = include_str!("../../vectors/epc.json");

fn report(json: &str) -> Report {
    check(json).unwrap()
}

#[test]
fn every_vector_of_the_standards_holds_in_every_implementation() {
    let report = report(STANDARDS);
    assert_eq!(report.lines, [""; 0]);
    assert_eq!(
        report.to_string(),
        "10 cases: 10 agree, 0 mismatched, 0 malformed\n\
         operations: hmac_sm3 2, sm2_verify 3, sm3 3, sm4_cbc_decrypt 1, sm4_ecb_decrypt 1\n\
         answers: OpenSSL 10, RustCrypto 8, rxgate 3\n"
    );
}

#[test]
fn every_vector_of_the_convention_holds_under_the_usual_user_id_and_no_other() {
    let report = report(EPC);
    assert_eq!(report.lines, [""; 0]);
    assert_eq!((report.cases, report.tried["sm2_verify"], report.tried["epc_open"]), (9, 8, 1));
}

/// A case of each operation with one wrong expectation.
#[test]
fn every_answer_other_than_the_expected_one_is_a_line() {
    for (vectors, op) in [
        (STANDARDS, "sm3"),
        (STANDARDS, "hmac_sm3"),
        (STANDARDS, "sm4_ecb_decrypt"),
        (STANDARDS, "sm4_cbc_decrypt"),
        (STANDARDS, "sm2_verify"),
        (EPC, "epc_open"),
    ] {
        let cases: Vec<serde_json::Value> = serde_json::from_str(vectors).unwrap();
        let mut case = cases.into_iter().find(|case| case["op"] == op).unwrap();
        case["expect"] = match &case["expect"] {
            serde_json::Value::Bool(truth) => (!truth).into(),
            text if op == "epc_open" => text.as_str().unwrap().replace("M1", "M2").into(),
            text => format!("00{}", &text.as_str().unwrap()[2..]).into(),
        };
        let found = report(&serde_json::json!([case]).to_string());
        let answers = found.answers.values().sum::<usize>();
        assert_eq!((found.lines.len(), found.mismatched), (answers, 1), "{found}");
        let begins = format!("case 1 ({op}): ");
        assert!(found.lines.iter().all(|line| line.starts_with(&begins)), "{found}");
    }
}

#[test]
fn a_case_that_is_none_is_told_with_its_number_and_every_member_at_fault() {
    let cases = r#"[
        {"op": "sm3", "message": "616263", "expect": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
        {"op": "sm3", "message": "6162g3", "expect": "66c7"},
        {"op": "sm9"},
        {"message": ""},
        7,
        {"op": "sm2_verify", "public_key": "04", "signature": 5, "message": "", "expect": "true"},
        {"op": "sm4_cbc_decrypt", "key": "00", "ciphertext": "", "expect": ""},
        {"op": "epc_open", "app_id": "short", "app_secret": "", "enc_data": "zz", "expect": "{"}
    ]"#;
    let found = report(cases);
    assert_eq!((found.cases, found.mismatched, found.malformed), (8, 0, 7));
    assert_eq!(
        found.lines,
        [
            "case 2 (sm3): message is not hexadecimal",
            "case 2 (sm3): expect has 2 bytes, 32 are wanted",
            "case 3 (sm9): op `sm9` is no operation",
            "case 4 (no op): op is missing",
            "case 5 (no op): is not a JSON object",
            "case 6 (sm2_verify): user_id is missing",
            "case 6 (sm2_verify): signature is not a text",
            "case 6 (sm2_verify): expect is not true or false",
            "case 7 (sm4_cbc_decrypt): key has 1 bytes, 16 are wanted",
            "case 7 (sm4_cbc_decrypt): iv is missing",
            "case 8 (epc_open): app_secret is empty",
            "case 8 (epc_open): app_id has fewer than 16 ASCII characters",
            "case 8 (epc_open): enc_data is not hexadecimal",
            "case 8 (epc_open): expect is not the text of a JSON value",
        ]
    );
    assert!(matches!(check("{}"), Err(NoCases::NotAnArray(_))));
    assert!(matches!(check("[1,"), Err(NoCases::NotAnArray(_))));
}

#[test]
fn a_key_that_is_none_and_a_signature_that_is_none_are_verified_by_nobody() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(STANDARDS).unwrap();
    let right = cases.iter().find(|case| case["op"] == "sm2_verify").unwrap();
    for (member, value) in [
        ("public_key", "04"),
        ("public_key", &"00".repeat(64)),
        ("signature", "3000"),
        ("signature", ""),
    ] {
        let mut case = right.clone();
        (case[member], case["expect"]) = (value.into(), false.into());
        assert!(report(&serde_json::json!([case]).to_string()).is_clean());
        case["expect"] = true.into();
        let found = report(&serde_json::json!([case]).to_string());
        assert_eq!(found.lines.len(), 3);
        assert!(found.lines[0].contains("rxgate says false (not a"), "{found}");
    }
}

#[test]
fn what_is_expected_of_sm4_is_all_that_was_encrypted_or_what_stood_before_the_padding() {
    let (sm4, key) = (Sm4::new().unwrap(), hex("0123456789abcdeffedcba9876543210"));
    let key: [u8; 16] = key.try_into().unwrap();
    let encoded = data_encoding::HEXLOWER
        .encode(&sm4.encrypt(&key, Mode::Ecb, Padding::Pkcs7, b"text").unwrap());
    let case = |expect: &str| {
        let key = data_encoding::HEXLOWER.encode(&key);
        serde_json::json!([{"op": "sm4_ecb_decrypt", "key": key, "ciphertext": encoded, "expect": expect}]).to_string()
    };
    assert!(report(&case("74657874")).is_clean());
    assert!(report(&case("746578740c0c0c0c0c0c0c0c0c0c0c0c")).is_clean());
    for wrong in ["", "746578", "746578740c", "746578740c0c0c0c0c0c0c0c0c0c0c0d"] {
        assert_eq!(report(&case(wrong)).mismatched, 1, "{wrong}");
    }
}

#[test]
fn a_million_times_encrypted_is_the_block_of_the_standard() {
    let (sm4, key) = (Sm4::new().unwrap(), hex("0123456789abcdeffedcba9876543210"));
    let key: [u8; 16] = key.try_into().unwrap();
    let encrypted =
        |block: Vec<u8>, _| sm4.encrypt(&key, Mode::Ecb, Padding::None, &block).unwrap();
    // GB/T 32907-2016 A.2.
    let found = (0..1_000_000).fold(key.to_vec(), encrypted);
    assert_eq!(found, hex("595298c7c6fd271f0402f804c33d3f66"));
}

#[test]
fn sm4_opens_only_what_it_closed() {
    let sm4 = Sm4::new().unwrap();
    let (key, other, iv) = ([1; 16], [2; 16], Mode::Cbc([3; 16]));
    for mode in [Mode::Ecb, iv] {
        for length in [0, 1, 15, 16, 17, 100] {
            let plain = vec![b'x'; length];
            let hidden = sm4.encrypt(&key, mode, Padding::Pkcs7, &plain).unwrap();
            assert_eq!(hidden.len(), length / 16 * 16 + 16);
            assert_eq!(sm4.decrypt(&key, mode, Padding::Pkcs7, &hidden), Ok(plain));
            assert_eq!(sm4.decrypt(&other, mode, Padding::Pkcs7, &hidden), Err(DoesNotOpen));
            assert_eq!(sm4.decrypt(&key, mode, Padding::Pkcs7, &hidden[1..]), Err(DoesNotOpen));
        }
        assert_eq!(sm4.decrypt(&key, mode, Padding::Pkcs7, b""), Err(DoesNotOpen));
        assert_eq!(sm4.encrypt(&key, mode, Padding::None, b"not a block"), Err(CannotEncrypt));
    }
}

fn run(json: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    std::fs::write(&file, json).unwrap();
    rxgate(&["trust", "check", file.to_str().unwrap()])
}

fn rxgate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rxgate")).args(arguments).output().unwrap()
}

#[test]
fn the_command_says_by_its_exit_status_whether_all_was_well() {
    let fine = run(STANDARDS);
    assert_eq!(fine.status.code(), Some(0));
    assert!(String::from_utf8(fine.stdout).unwrap().starts_with("10 cases: 10 agree"));

    let wrong = run(
        r#"[{"op": "sm3", "message": "", "expect": "0000000000000000000000000000000000000000000000000000000000000000"}, {}]"#,
    );
    assert_eq!(wrong.status.code(), Some(1));
    let told = String::from_utf8(wrong.stdout).unwrap();
    assert!(told.starts_with("case 1 (sm3): RustCrypto says 1ab21d83"), "{told}");
    assert!(
        told.contains(
            "\ncase 2 (no op): op is missing\n2 cases: 0 agree, 1 mismatched, 1 malformed\n"
        ),
        "{told}"
    );

    for (outcome, why) in [
        (run("not JSON"), "is not a JSON array of cases"),
        (rxgate(&["trust", "check", "absent.json"]), "cannot read absent.json"),
    ] {
        assert_eq!(outcome.status.code(), Some(2));
        assert!(String::from_utf8(outcome.stderr).unwrap().contains(why), "{why}");
    }
}
