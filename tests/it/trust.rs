//! What `trust` promises: known answers of the standards, and that whatever is altered, moved or
//! made by another is refused.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop at once")]

mod access_tokens;
mod differential;
mod envelopes;
mod key_folder;
mod sealed_fields;
mod signatures;
mod vectors;

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use proptest::prelude::*;
use rxgate::trust::keys::Keys;
use rxgate::trust::lookup::new_secret;
use rxgate::trust::randomness::Randomness;
use rxgate::trust::sm3::{from_text, hmac_sm3, hmac_sm3_of_list, sm3, to_text};

fn keys() -> Keys {
    Keys::from_master(&[7; 32])
}
fn other_keys() -> Keys {
    Keys::from_master(&[8; 32])
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).expect("hexadecimal")
}

/// HMAC-SM3 by OpenSSL: another implementation than the one under test.
fn openssl_hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = PKey::hmac(key).expect("key");
    let mut signer = Signer::new(MessageDigest::sm3(), &key).expect("signer");
    signer.sign_oneshot_to_vec(message).expect("tag")
}

#[test]
fn sm3_gives_the_digests_of_the_standard() {
    let cases: [(&[u8], &str); 3] = [
        // GB/T 32905-2016 A.1, A.2, and the well-known empty message.
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (&b"abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ];
    for (message, digest) in cases {
        assert_eq!(to_text(&sm3(&[message])), digest);
        assert_eq!(from_text(&digest.to_uppercase()), Some(sm3(&[message])));
    }
    assert_eq!(sm3(&[b"a", b"", b"bc"]), sm3(&[b"abc"]));
    assert_eq!(from_text("66c7"), None);
}

#[test]
fn hmac_sm3_gives_the_tags_of_the_standard() {
    // GM/T 0042-2015 D.3 numbers 1 and 2.
    let message = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2);
    let key: Vec<u8> = (1..=0x25).collect();
    let first = "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a";
    let second = "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae";
    assert_eq!(to_text(&hmac_sm3(&key[..32], &[&message])), first);
    assert_eq!(to_text(&hmac_sm3(&key, &[&[0xcd; 50]])), second);
}

proptest! {
    #[test]
    fn hmac_sm3_agrees_with_openssl_for_every_length_of_key(
        key in prop::collection::vec(any::<u8>(), 1..200),
        message in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert_eq!(hmac_sm3(&key, &[&message]).to_vec(), openssl_hmac(&key, &message));
    }

    #[test]
    fn a_changed_pickup_token_is_refused(
        id in any::<i64>(), rotation in any::<u16>(), at in 0usize..42, to in "[A-Z2-7a-z0189= ]",
    ) {
        let token = keys().pickup_token(id, rotation);
        prop_assert_eq!(keys().read_pickup_token(&token), Some((id, rotation)));
        let mut changed = token.clone();
        changed.replace_range(at..=at, &to);
        prop_assume!(changed != token);
        prop_assert_eq!(keys().read_pickup_token(&changed), None);
    }

    #[test]
    fn no_text_is_mistaken_for_a_pickup_token(text in "\\PC{0,60}|[A-Z2-7]{42}") {
        prop_assert_eq!(keys().read_pickup_token(&text), None);
    }
}

#[test]
fn a_list_is_not_digested_like_its_concatenation() {
    assert_ne!(hmac_sm3_of_list(b"k", &[b"ab", b"c"]), hmac_sm3_of_list(b"k", &[b"a", b"bc"]));
    assert_ne!(hmac_sm3_of_list(b"k", &[b"ab"]), hmac_sm3_of_list(b"k", &[b"ab", b""]));
}

#[test]
fn a_pickup_token_is_upper_case_and_of_one_length() {
    for (id, rotation) in [(0, 0), (i64::MAX, u16::MAX), (i64::MIN, 1), (312_345_678_901, 7)] {
        let token = keys().pickup_token(id, rotation);
        assert_eq!(token.len(), 42);
        assert!(token.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()), "{token}");
    }
}

#[test]
fn a_pickup_token_with_the_tag_of_another_is_refused() {
    let mine = keys().pickup_token(312_345_678_901, 0);
    let strangers = [
        keys().pickup_token(312_345_678_902, 0),
        keys().pickup_token(312_345_678_901, 1),
        other_keys().pickup_token(312_345_678_901, 0),
    ];
    for other in strangers {
        // 16 characters are 10 bytes: exactly id and rotation.
        let mixed = [mine.split_at(16).0, other.split_at(16).1].concat();
        assert_eq!(keys().read_pickup_token(&mixed), None);
    }
    assert_eq!(other_keys().read_pickup_token(&mine), None);
}

#[test]
fn an_identity_number_is_found_by_its_exact_self_only() {
    let found = keys().identity_index("01", "99990019900101123X");
    for same in [" 99990019900101123x ", "99990019900101123x"] {
        assert_eq!(keys().identity_index("01", same), found);
    }
    assert_ne!(keys().identity_index("01", "999900199001011231"), found);
    assert_ne!(keys().identity_index("02", "99990019900101123X"), found);
    assert_ne!(keys().identity_index("0", "199990019900101123X"), found);
    assert_ne!(other_keys().identity_index("01", "99990019900101123X"), found);
}

#[test]
fn a_client_secret_matches_its_own_hash_only() {
    let randomness = Randomness::seeded(1);
    let secret = new_secret(&randomness).expect("secret");
    let another = new_secret(&randomness).expect("secret");
    assert_eq!(secret.len(), 43);
    let hash = keys().secret_hash(&secret);
    assert!(keys().verify_secret(&secret, &hash));
    assert!(!keys().verify_secret(&another, &hash));
    assert!(!keys().verify_secret("", &hash));
    assert!(!other_keys().verify_secret(&secret, &hash));
    for malformed in ["", "00", hash.split_at(1).1, &format!("{hash}00"), "秘"] {
        assert!(!keys().verify_secret(&secret, malformed));
    }
}

#[test]
fn seeded_randomness_repeats_and_the_systems_does_not() {
    let drawn = |source: Randomness| source.bytes::<80>().expect("bytes");
    assert_eq!(drawn(Randomness::seeded(5)), drawn(Randomness::seeded(5)));
    assert_ne!(drawn(Randomness::seeded(5)), drawn(Randomness::seeded(6)));
    assert_ne!(drawn(Randomness::system()), drawn(Randomness::system()));
    let once = Randomness::seeded(5);
    assert_ne!(drawn(once.clone()), drawn(once));
}

#[test]
fn every_key_has_one_purpose() {
    let keys = keys();
    let ids: std::collections::BTreeSet<_> = keys.all().map(|key| key.id()).collect();
    assert_eq!(ids.len(), 5);
}
