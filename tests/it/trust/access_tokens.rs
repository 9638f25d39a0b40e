//! Access tokens: only ours, for us, in their time.

use data_encoding::BASE64URL_NOPAD;
use domain::moment::{Moment, SECOND};
use domain::role::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use rxgate::trust::keys::{Key, Keys};
use rxgate::trust::randomness::Randomness;
use rxgate::trust::token::{Claims, TokenMaker, TokenReader, TokenRefusal, TokenTerms};
use serde_json::{Value, json};

use super::{keys, other_keys};

const NOW: Moment = Moment::from_millis(1_767_582_000_000);
const NOW_S: i64 = 1_767_582_000;
const SEED: [u8; 32] = [5; 32];

fn terms() -> TokenTerms {
    TokenTerms { issuer: "rxgate".into(), audience: "rxgate /v1".into(), lifetime_s: 600 }
}
/// Keys whose token seed is known to the forger.
fn known() -> Keys {
    let mut keys = keys();
    keys.token = Key::new(SEED).into();
    keys
}
fn reader() -> TokenReader {
    TokenReader::new(&known(), &terms())
}
fn issued_under(keys: &Keys) -> String {
    let maker = TokenMaker::new(keys, terms(), Randomness::seeded(1));
    maker.issue("312345678901248000", Role::Pharmacy, NOW).expect("token")
}
fn header() -> Header {
    jsonwebtoken::decode_header(issued_under(&known())).expect("header")
}
fn good_claims() -> Value {
    json!({ "iss": "rxgate", "aud": "rxgate /v1", "sub": "17", "role": "hospital",
            "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + 600, "jti": "once" })
}
fn signed(header: &Header, claims: &Value) -> String {
    let pkcs8 = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").expect("hex");
    let key = EncodingKey::from_ed_der(&[pkcs8.as_slice(), &SEED].concat());
    jsonwebtoken::encode(header, claims, &key).expect("token")
}
fn refused(token: &str) -> TokenRefusal {
    reader().read(token, NOW).expect_err("refused")
}

#[test]
fn an_issued_token_is_read_as_it_was_meant() {
    let claims = reader().read(&issued_under(&known()), NOW).expect("claims");
    let jti = claims.jti.clone();
    assert_eq!(jti.len(), 22);
    assert_eq!(
        claims,
        Claims {
            iss: "rxgate".into(),
            aud: "rxgate /v1".into(),
            sub: "312345678901248000".into(),
            role: Role::Pharmacy,
            iat: NOW_S,
            nbf: NOW_S,
            exp: NOW_S + 600,
            jti,
        }
    );
    assert!(reader().read(&signed(&header(), &good_claims()), NOW).is_ok());
}

#[test]
fn two_tokens_are_never_the_same() {
    let maker = TokenMaker::new(&known(), terms(), Randomness::system());
    let issue = || maker.issue("17", Role::Patient, NOW).expect("token");
    assert_ne!(issue(), issue());
}

#[test]
fn a_token_without_any_one_claim_is_refused() {
    for claim in ["iss", "aud", "sub", "role", "iat", "nbf", "exp", "jti"] {
        let mut claims = good_claims();
        claims.as_object_mut().expect("object").remove(claim);
        assert_eq!(refused(&signed(&header(), &claims)), TokenRefusal::Claims, "{claim}");
    }
}

#[test]
fn a_token_with_a_wrong_claim_is_refused() {
    let cases = [
        ("iss", json!("another"), TokenRefusal::Issuer),
        ("aud", json!("another"), TokenRefusal::Audience),
        ("aud", json!(["rxgate /v1", "another"]), TokenRefusal::Claims),
        ("role", json!("administrator"), TokenRefusal::Claims),
        ("sub", json!(17), TokenRefusal::Claims),
        ("exp", json!("never"), TokenRefusal::Claims),
        ("exp", json!(null), TokenRefusal::Claims),
        ("exp", json!(-1), TokenRefusal::Claims),
        ("exp", json!(1.0e300), TokenRefusal::Claims),
        ("exp", json!(NOW_S - 5), TokenRefusal::Expired),
        ("nbf", json!(NOW_S + 6), TokenRefusal::NotYetValid),
        ("nbf", json!(i64::MAX), TokenRefusal::NotYetValid),
        ("iat", json!(NOW_S + 6), TokenRefusal::NotYetValid),
    ];
    for (claim, value, reason) in cases {
        let mut claims = good_claims();
        claims[claim] = value;
        assert_eq!(refused(&signed(&header(), &claims)), reason, "{claims}");
    }
}

#[test]
fn a_token_holds_from_its_start_to_its_end_with_five_seconds_of_leeway() {
    let token = issued_under(&known());
    let at = |ms: i64| reader().read(&token, NOW.plus(ms)).map(|_| ());
    assert_eq!(at(-5 * SECOND - 1), Err(TokenRefusal::NotYetValid));
    assert_eq!(at(-5 * SECOND), Ok(()));
    assert_eq!(at(605 * SECOND - 1), Ok(()));
    assert_eq!(at(605 * SECOND), Err(TokenRefusal::Expired));
}

#[test]
fn the_time_is_the_given_one_and_not_the_systems() {
    let long_ago = Moment::from_millis(946_684_800_000);
    let maker = TokenMaker::new(&known(), terms(), Randomness::seeded(1));
    let token = maker.issue("17", Role::Patient, long_ago).expect("token");
    assert!(reader().read(&token, long_ago).is_ok());
}

#[test]
fn a_token_with_another_header_is_refused() {
    let claims = good_claims();
    let cases = [
        (Header { kid: None, ..header() }, TokenRefusal::UnknownKey),
        (Header { kid: Some("00000000".into()), ..header() }, TokenRefusal::UnknownKey),
        (Header { typ: Some("JWT".into()), ..header() }, TokenRefusal::Malformed),
        (Header { typ: None, ..header() }, TokenRefusal::Malformed),
        (Header { crit: Some(vec!["b64".into()]), ..header() }, TokenRefusal::Malformed),
    ];
    for (header, reason) in cases {
        assert_eq!(refused(&signed(&header, &claims)), reason, "{header:?}");
    }
}

#[test]
fn a_token_without_signature_is_refused() {
    let token = signed(&header(), &good_claims());
    let (_, rest) = token.split_once('.').expect("parts");
    let (claims, signature) = rest.split_once('.').expect("parts");
    for alg in ["none", "None", ""] {
        let header = json!({ "alg": alg, "typ": "at+jwt", "kid": header().kid });
        let header = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        for signature in ["", signature] {
            let forged = format!("{header}.{claims}.{signature}");
            assert_eq!(refused(&forged), TokenRefusal::Malformed, "{alg}");
        }
    }
    let (signed_part, _) = token.rsplit_once('.').expect("parts");
    assert_eq!(refused(&format!("{signed_part}.")), TokenRefusal::Signature);
}

#[test]
fn the_public_key_taken_for_an_hmac_secret_is_refused() {
    let seed = openssl::pkey::PKey::private_key_from_raw_bytes(&SEED, openssl::pkey::Id::ED25519);
    let public = seed.and_then(|key| key.raw_public_key()).expect("public key");
    let header = Header { alg: Algorithm::HS256, ..header() };
    let key = EncodingKey::from_secret(&public);
    let forged = jsonwebtoken::encode(&header, &good_claims(), &key).expect("token");
    assert_eq!(refused(&forged), TokenRefusal::Algorithm);
}

#[test]
fn a_token_of_another_gateway_is_refused() {
    assert_eq!(refused(&issued_under(&other_keys())), TokenRefusal::UnknownKey);
    // Even when it claims our key.
    let mut header = header();
    header.kid = jsonwebtoken::decode_header(issued_under(&other_keys())).expect("header").kid;
    let reader = TokenReader::new(&other_keys(), &terms());
    let forged = signed(&header, &good_claims());
    assert_eq!(reader.read(&forged, NOW), Err(TokenRefusal::Signature));
}

#[test]
fn a_retired_key_is_read_and_a_removed_one_is_not() {
    let before = issued_under(&known());
    let mut rotated = other_keys();
    rotated.token.retired.push(Key::new(SEED));
    assert!(TokenReader::new(&rotated, &terms()).read(&before, NOW).is_ok());
    let now = issued_under(&rotated);
    assert!(TokenReader::new(&rotated, &terms()).read(&now, NOW).is_ok());
    assert_eq!(refused(&now), TokenRefusal::UnknownKey);
}

#[test]
fn every_changed_character_is_refused() {
    let token = issued_under(&known());
    for at in 0..token.len() {
        for to in ["A", "_", ".", "="] {
            let mut changed = token.clone();
            changed.replace_range(at..=at, to);
            if changed != token {
                assert!(reader().read(&changed, NOW).is_err(), "{to} at {at}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_is_mistaken_for_a_token(text in "\\PC{0,80}|[A-Za-z0-9_.-]{0,300}") {
        prop_assert!(reader().read(&text, NOW).is_err());
    }
}

#[test]
fn an_overlong_text_is_refused_unread() {
    let mut claims = good_claims();
    claims["sub"] = json!("9".repeat(4096));
    assert_eq!(refused(&signed(&header(), &claims)), TokenRefusal::Malformed);
}
