//! The envelope of the e-prescription centres' convention, with the known answers of three other implementations.

use proptest::prelude::*;
use rxgate::trust::envelope::{
    Credentials, Members, NoCredentials, NotCanonical, NotTheirs, Signed,
};
use rxgate::trust::key_tables::KeyTables;
use rxgate::trust::sign::SigningKey;
use rxgate::trust::sm4::{DoesNotOpen, Sm4};
use serde_json::Value;

use super::hex;

const APP_ID: &str = "EPCTESTAPPID00010000000000000001";
const APP_SECRET: &str = "EPCTESTSECRET0001000000000000001";

fn sm4() -> Sm4 {
    Sm4::new().unwrap()
}

fn credentials() -> Credentials {
    Credentials::new(&sm4(), APP_ID, APP_SECRET).unwrap()
}

/// The sample key of GB/T 32918, with which the known answers were signed.
fn signer() -> SigningKey {
    SigningKey::parse(&hex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"))
        .unwrap()
}

fn members(json: &str) -> Members {
    serde_json::from_str(json).unwrap()
}

/// What the convention's vectors hold: contents, their `encData`, and signed texts with their signatures (hex).
fn known() -> (String, String, Vec<(String, Vec<u8>)>) {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../vectors/epc.json")).unwrap();
    let text = |case: &Value, name: &str| case[name].as_str().unwrap().to_owned();
    let signed = |case: &&Value| case["expect"] == true;
    let signatures = cases.iter().filter(signed).map(|case| {
        (String::from_utf8(hex(&text(case, "message"))).unwrap(), hex(&text(case, "signature")))
    });
    (text(&cases[0], "expect"), text(&cases[0], "enc_data"), signatures.collect())
}

/// The envelope that a client sends for one of the known texts.
fn sent(signed_text: &str, enc_data: &str, signature: &[u8]) -> Members {
    let value = |name: &str| {
        let after = signed_text.split_once(&format!("{name}=")).map(|(_, after)| after);
        after.map(|after| after.split('&').next().unwrap().to_owned())
    };
    let mut envelope = serde_json::Map::new();
    for name in ["appId", "encType", "signType", "timestamp", "version"] {
        envelope.extend(value(name).map(|value| (name.to_owned(), Value::from(value))));
    }
    envelope.insert("encData".into(), enc_data.into());
    envelope.insert("signData".into(), data_encoding::BASE64.encode(signature).into());
    envelope.insert("transType".into(), "".into());
    envelope.insert("extra".into(), Value::Null);
    members(&Value::from(envelope).to_string())
}

#[test]
fn contents_are_sealed_to_the_bytes_of_three_other_implementations() {
    let (contents, enc_data, _) = known();
    assert_eq!(credentials().seal(&sm4(), &contents).unwrap(), enc_data);
    assert_eq!(credentials().open(&sm4(), &enc_data), Ok(contents.clone()));
    assert_eq!(credentials().open(&sm4(), &enc_data.to_lowercase()), Ok(contents));
}

#[test]
fn an_envelope_of_each_known_client_opens_in_the_form_that_it_signs_and_not_in_the_other() {
    let (contents, enc_data, signatures) = known();
    let tables = KeyTables::new(1 << 20);
    assert_eq!(signatures.len(), 4);
    for (text, signature) in signatures {
        let envelope = sent(&text, &enc_data, &signature);
        let hidden = text.contains(&enc_data);
        let (signed, other) = if hidden {
            (Signed::Hidden, Signed::Contents)
        } else {
            (Signed::Contents, Signed::Hidden)
        };
        let data = if hidden { &enc_data } else { &contents };
        assert_eq!(*credentials().signed_text(&envelope, signed, data).unwrap(), text);
        let open = |signed| {
            credentials().open_signed(&sm4(), &envelope, signed, (&tables, signer().public_key()))
        };
        assert_eq!(open(signed), Ok(contents.clone()));
        assert_eq!(open(other), Err(NotTheirs));
    }
}

#[test]
fn whatever_is_wrong_with_an_envelope_has_one_answer() {
    let (_, enc_data, signatures) = known();
    let (tables, right) =
        (KeyTables::new(1 << 20), sent(&signatures[0].0, &enc_data, &signatures[0].1));
    let open = |envelope: &Members| {
        credentials().open_signed(
            &sm4(),
            envelope,
            Signed::Contents,
            (&tables, signer().public_key()),
        )
    };
    assert!(open(&right).is_ok());
    for (name, value) in [
        ("timestamp", "\"1767225600001\""),
        ("timestamp", "null"),
        ("encData", "\"00\""),
        ("encData", "\"D0BA7FA60236E95106971EF524046172\""),
        ("encData", "null"),
        ("encData", "[]"),
        ("signData", "\"AAAA\""),
        ("signData", "\"?\""),
        ("signData", "7"),
        ("added", "\"1\""),
    ] {
        let mut envelope = right.clone();
        envelope.insert(name.into(), serde_json::from_str(value).unwrap());
        assert_eq!(open(&envelope), Err(NotTheirs), "{name}: {value}");
    }
    for name in ["signData", "encData", "appId"] {
        let mut envelope = right.clone();
        envelope.remove(name);
        assert_eq!(open(&envelope), Err(NotTheirs), "without {name}");
    }
}

#[test]
fn what_the_gateway_seals_and_signs_opens_in_both_forms() {
    let tables = KeyTables::new(1 << 20);
    let contents = r#"{"rxTraceCode":"1","count":2}"#;
    let enc_data = credentials().seal(&sm4(), contents).unwrap();
    for (signed, data) in [(Signed::Contents, contents), (Signed::Hidden, enc_data.as_str())] {
        let mut envelope =
            members(r#"{"code":0,"message":"成功","success":true,"appId":"A","encType":"SM4"}"#);
        let sign_data = credentials().sign(&envelope, signed, data, &signer()).unwrap();
        assert_eq!(sign_data.len(), 88);
        for (name, value) in [("encData", &enc_data), ("signData", &sign_data)] {
            envelope.insert(name.into(), serde_json::value::to_raw_value(value).unwrap());
        }
        let opened =
            credentials().open_signed(&sm4(), &envelope, signed, (&tables, signer().public_key()));
        assert_eq!(opened.as_deref(), Ok(contents));
    }
}

#[test]
fn the_signed_text_has_one_spelling() {
    for (contents, canonical) in [
        // Sorted at every depth, without blanks; array order kept.
        (r#"{ "b" : "2", "a" : { "d" : "4", "c" : "3" } }"#, r#"{"a":{"c":"3","d":"4"},"b":"2"}"#),
        (r#"{"a":[{"c":"2","b":"1"},{"a":"0"}]}"#, r#"{"a":[{"b":"1","c":"2"},{"a":"0"}]}"#),
        // Nothing, the empty text and the empty array go; an object stays.
        (r#"{"a":null,"b":"","c":[],"d":{},"e":{"f":null}}"#, r#"{"d":{},"e":{}}"#),
        (r#"{"a":[null,""]}"#, "{}"),
        // Numbers and truth values become texts, with the digits that came.
        (
            r#"{"a":1.50,"b":1E5,"c":-0,"d":true,"e":false,"f":12345678901234567890.10}"#,
            r#"{"a":"1.50","b":"1E5","c":"-0","d":"true","e":"false","f":"12345678901234567890.10"}"#,
        ),
        // Text as it is, whatever way it was escaped.
        ("{\"a\":\"\\u6d4b\\u8bd5\\/x\\\"y\\n\"}", "{\"a\":\"测试/x\\\"y\\n\"}"),
        // Upper case sorts before lower case.
        (r#"{"b":"1","B":"2","a":"3"}"#, r#"{"B":"2","a":"3","b":"1"}"#),
    ] {
        let envelope =
            members(r#"{"timestamp":1757326792488,"appId":"A","version":"","encType":null}"#);
        let text = credentials().signed_text(&envelope, Signed::Contents, contents).unwrap();
        let expected = format!("appId=A&data={canonical}&timestamp=1757326792488&key={APP_SECRET}");
        assert_eq!(*text, expected, "{contents}");
    }
}

#[test]
fn what_has_no_canonical_form_is_refused_and_does_not_exhaust_the_stack() {
    let deep = format!("{}{}", r#"{"a":"#.repeat(100_000), "1");
    let deep_but_whole = format!("{}1{}", r#"{"a":"#.repeat(40), "}".repeat(40));
    let arrays = format!("{{\"a\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    for contents in ["", "7", "null", "[]", "{", &deep, &deep_but_whole, &arrays] {
        let text = credentials().signed_text(&members("{}"), Signed::Contents, contents);
        assert_eq!(text.err(), Some(NotCanonical), "{:.20}", contents);
    }
}

#[test]
fn credentials_need_sixteen_characters_and_a_secret() {
    let refused = |id: &str, secret: &str| Credentials::new(&sm4(), id, secret).err();
    assert_eq!(refused("EPCTESTAPPID000", APP_SECRET), Some(NoCredentials::AppId));
    assert_eq!(refused("处方流转处方流转处方", APP_SECRET), Some(NoCredentials::AppId));
    assert_eq!(refused(APP_ID, ""), Some(NoCredentials::AppSecret));
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_for_the_same_partner_only(text in "\\PC{0,200}") {
        let (mine, others) = (credentials(), Credentials::new(&sm4(), APP_ID, "another secret").unwrap());
        let enc_data = mine.seal(&sm4(), &text).unwrap();
        prop_assert_eq!(mine.open(&sm4(), &enc_data), Ok(text.clone()));
        // A wrong key can hit on a right padding, one time in 256; then the text differs.
        prop_assert_ne!(others.open(&sm4(), &enc_data), Ok(text));
    }

    #[test]
    fn no_text_is_mistaken_for_contents(text in "\\PC{0,40}|[0-9A-F]{32}") {
        if let Ok(found) = credentials().open(&sm4(), &text) {
            prop_assert_eq!(credentials().seal(&sm4(), &found).unwrap(), text.to_uppercase());
        } else {
            prop_assert_eq!(credentials().open(&sm4(), &text), Err(DoesNotOpen));
        }
    }

    #[test]
    fn the_canonical_form_of_a_canonical_form_is_itself(pairs in prop::collection::btree_map("[a-zA-Z]{1,6}", "\\PC{1,8}", 0..6)) {
        let contents = serde_json::to_string(&pairs).unwrap();
        let text = credentials().signed_text(&members("{}"), Signed::Contents, &contents).unwrap();
        prop_assert_eq!(&*text, &format!("data={contents}&key={APP_SECRET}"));
    }
}
