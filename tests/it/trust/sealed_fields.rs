//! Sealed personal fields: they open in their place with their key, and nowhere else.

use openssl::symm::{Cipher, decrypt, encrypt};
use proptest::prelude::*;
use rxgate::trust::keys::{Key, Keys};
use rxgate::trust::randomness::{NoRandomness, Randomness};
use rxgate::trust::sealed::{CannotSeal, Place, SealedRecord, Sealer, Tampered};

use super::{keys, openssl_hmac, other_keys};

const NAME: Place<'static> = Place { table: "person", row: 41, column: "name" };
const NUMBER: Place<'static> = Place { column: "number", ..NAME };

fn sealer(keys: &Keys) -> Sealer {
    Sealer::new(keys, Randomness::seeded(1)).expect("SM4")
}

fn sealed() -> SealedRecord {
    let fields: [(&str, &[u8]); 2] =
        [("name", "测试".as_bytes()), ("number", b"99990019900101123X")];
    sealer(&keys()).seal_record("person", 41, &fields).expect("sealed")
}

#[test]
fn a_sealed_field_opens_in_its_place() {
    let SealedRecord { wrapped_key, fields } = sealed();
    let sealer = sealer(&keys());
    assert_eq!(sealer.open(NAME, &wrapped_key, &fields[0]), Ok("测试".into()));
    assert_eq!(sealer.open(NUMBER, &wrapped_key, &fields[1]), Ok(b"99990019900101123X".to_vec()));
    assert_eq!(fields[1].len(), 18 + 33);
    assert_eq!(wrapped_key.len(), 85);
}

#[test]
fn an_empty_field_and_a_record_without_fields_are_sealed_too() {
    let sealer = sealer(&keys());
    let record = sealer.seal_record("person", 41, &[("name", b"")]).expect("sealed");
    assert_eq!(sealer.open(NAME, &record.wrapped_key, &record.fields[0]), Ok(Vec::new()));
    assert!(sealer.seal_record("person", 41, &[]).expect("sealed").fields.is_empty());
}

#[test]
fn a_sealed_field_is_refused_in_every_other_place() {
    let SealedRecord { wrapped_key, fields } = sealed();
    let elsewhere = [
        NUMBER,
        Place { row: 42, ..NAME },
        Place { table: "prescription", ..NAME },
        // The same characters, otherwise divided.
        Place { table: "personn", column: "ame", ..NAME },
    ];
    for place in elsewhere {
        assert_eq!(
            sealer(&keys()).open(place, &wrapped_key, &fields[0]),
            Err(Tampered),
            "{place:?}"
        );
    }
    // A wrapped key is not a field, and a field no wrapped key.
    assert_eq!(sealer(&keys()).open(NAME, &fields[0], &fields[0]), Err(Tampered));
    assert_eq!(sealer(&keys()).open(NAME, &wrapped_key, &wrapped_key), Err(Tampered));
}

#[test]
fn a_sealed_field_is_refused_with_the_key_of_another_record_or_gateway() {
    let mine = sealed();
    let later = Sealer::new(&keys(), Randomness::seeded(2)).expect("SM4");
    let same_row = later.seal_record("person", 41, &[("name", b"X")]).expect("sealed");
    assert_eq!(later.open(NAME, &same_row.wrapped_key, &mine.fields[0]), Err(Tampered));
    let stranger = sealer(&other_keys());
    assert_eq!(stranger.open(NAME, &mine.wrapped_key, &mine.fields[0]), Err(Tampered));
}

#[test]
fn every_changed_byte_is_refused() {
    let SealedRecord { wrapped_key, fields } = sealed();
    let sealer = sealer(&keys());
    for at in 0..fields[0].len() {
        let mut changed = fields[0].clone();
        changed[at] ^= 1;
        assert_eq!(sealer.open(NAME, &wrapped_key, &changed), Err(Tampered), "field byte {at}");
    }
    for at in 0..wrapped_key.len() {
        let mut changed = wrapped_key.clone();
        changed[at] ^= 1;
        assert_eq!(sealer.open(NAME, &changed, &fields[0]), Err(Tampered), "key byte {at}");
    }
}

#[test]
fn every_shortened_or_lengthened_text_is_refused() {
    let SealedRecord { wrapped_key, fields } = sealed();
    let sealer = sealer(&keys());
    for length in 0..fields[0].len() {
        assert_eq!(sealer.open(NAME, &wrapped_key, &fields[0][..length]), Err(Tampered));
    }
    for length in 0..wrapped_key.len() {
        assert_eq!(sealer.open(NAME, &wrapped_key[..length], &fields[0]), Err(Tampered));
    }
    let longer = [fields[0].as_slice(), &[0]].concat();
    assert_eq!(sealer.open(NAME, &wrapped_key, &longer), Err(Tampered));
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_and_altered_does_not(
        plain in prop::collection::vec(any::<u8>(), 0..3000),
        row in any::<i64>(),
        flip in any::<(prop::sample::Index, u8)>(),
    ) {
        let sealer = Sealer::new(&keys(), Randomness::system()).expect("SM4");
        let place = Place { table: "received_document", row, column: "body" };
        let record = sealer.seal_record(place.table, row, &[("body", &plain)]).expect("sealed");
        let field = &record.fields[0];
        prop_assert_eq!(sealer.open(place, &record.wrapped_key, field), Ok(plain));
        let (at, mask) = (flip.0.index(field.len()), flip.1.max(1));
        let mut altered = field.clone();
        altered[at] ^= mask;
        prop_assert_eq!(sealer.open(place, &record.wrapped_key, &altered), Err(Tampered));
    }
}

#[test]
fn the_same_field_is_never_sealed_to_the_same_bytes() {
    let sealer = Sealer::new(&keys(), Randomness::system()).expect("SM4");
    let seal =
        || sealer.seal_record("person", 41, &[("name", b"X"), ("name", b"X")]).expect("sealed");
    let (one, two) = (seal(), seal());
    assert_ne!(one.fields[0], one.fields[1]);
    assert_ne!(one.fields, two.fields);
    assert_ne!(one.wrapped_key, two.wrapped_key);
}

#[test]
fn a_rotated_key_still_opens_and_rewrapping_moves_the_record_to_the_new_one() {
    let old = sealed();
    let mut rotated = other_keys();
    rotated.wrapping.retired.push(keys().wrapping.current);
    let both = sealer(&rotated);
    assert_eq!(both.open(NAME, &old.wrapped_key, &old.fields[0]), Ok("测试".into()));
    assert!(both.needs_rewrap(&old.wrapped_key));

    let new_key = both.rewrap("person", 41, &old.wrapped_key).expect("re-wrapped");
    assert!(!both.needs_rewrap(&new_key));
    let only_new = sealer(&other_keys());
    assert_eq!(only_new.open(NAME, &new_key, &old.fields[0]), Ok("测试".into()));
    assert_eq!(both.rewrap("person", 42, &old.wrapped_key), Err(CannotSeal::Tampered(Tampered)));
}

#[test]
fn the_cipher_is_sm4_in_counter_mode_as_published() {
    // draft-ribose-cfrg-sm4-10 A.2.5.1, first two blocks.
    let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).expect("hex");
    let key = hex("0123456789abcdeffedcba9876543210");
    let nonce = hex("000102030405060708090a0b0c0d0e0f");
    let plain = [[0xaa; 8], [0xbb; 8], [0xcc; 8], [0xdd; 8]].concat();
    let hidden = encrypt(Cipher::sm4_ctr(), &key, Some(&nonce), &plain).expect("sealed");
    assert_eq!(hidden, hex("ac3236cb970cc20791364c395a1342d1a3cbc1878c6f30cd074cce385cdd70c7"));
}

/// Opens by the documented layout alone, with OpenSSL throughout.
fn opened_by_hand(
    head: usize,
    column: &str,
    (cipher, mac): (&[u8], &[u8]),
    sealed: &[u8],
) -> Vec<u8> {
    let (body, tag) = sealed.split_at(sealed.len() - 16);
    let (nonce, hidden) = body[head..].split_at(16);
    let row = 41i64.to_be_bytes();
    let parts = [b"sealed", &body[..head], b"person", &row, column.as_bytes(), nonce, hidden];
    let framed =
        |part: &[u8]| [&u64::try_from(part.len()).expect("length").to_be_bytes(), part].concat();
    assert_eq!(tag, &openssl_hmac(mac, &parts.map(framed).concat())[..16]);
    decrypt(Cipher::sm4_ctr(), cipher, Some(nonce), hidden).expect("opened")
}

#[test]
fn a_sealed_field_opens_by_its_documented_layout() {
    let master = [3; 32];
    let mut keys = keys();
    keys.wrapping.current = Key::new(master);
    let sealer = sealer(&keys);
    let record = sealer.seal_record("person", 41, &[("name", b"plain")]).expect("sealed");
    assert_eq!(
        record.wrapped_key[..5],
        [&[1], &openssl_hmac(&master, b"rxgate key id")[..4]].concat()
    );

    let cipher = openssl_hmac(&master, b"rxgate key 1: wrapping cipher");
    let mac = openssl_hmac(&master, b"rxgate key 1: wrapping tag");
    let data_key = opened_by_hand(5, "", (&cipher[..16], &mac), &record.wrapped_key);
    let (cipher, mac) = data_key.split_at(16);
    assert_eq!(record.fields[0][0], 1);
    assert_eq!(opened_by_hand(1, "name", (cipher, mac), &record.fields[0]), b"plain");
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let dry = Sealer::new(&keys(), Randomness::failing()).expect("SM4");
    let refused = Err(CannotSeal::NoRandomness(NoRandomness));
    assert_eq!(dry.seal_record("person", 41, &[("name", b"X")]), refused);
}
