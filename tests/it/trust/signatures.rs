//! SM2 signatures: what is signed, in which bytes it comes, who made it, and the tables kept for those who sign.

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use proptest::prelude::*;
use rxgate::trust::key_tables::KeyTables;
use rxgate::trust::self_test::{self, KNOWN_ANSWERS, KnownAnswer, SelfTestFailed};
use rxgate::trust::sign::{NotASigningKey, SigningKey};
use rxgate::trust::signature::{Digest, NotASignature, PublicKey, Signature};
use rxgate::trust::verify::{OpenSsl, RustCrypto, Verify};

use super::hex;

// GB/T 32918.5-2017 A.2.
const PRIVATE: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const PUBLIC: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                      ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";

fn signer() -> SigningKey {
    SigningKey::parse(&hex(PRIVATE)).unwrap()
}

#[test]
fn z_and_e_are_those_of_the_standard() {
    let key = PublicKey::parse(&hex(PUBLIC)).unwrap();
    let e = hex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
    assert_eq!(key.digest(b"message digest").0.to_vec(), e);
    assert_eq!(
        key.digest_under(b"1234567812345678", b"message digest"),
        Some(key.digest(b"message digest"))
    );
    assert_ne!(key.digest_under(b"", b"message digest"), Some(key.digest(b"message digest")));
    // Z itself is what is digested with an empty message behind it.
    let z = hex("b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3");
    assert_eq!(key.digest(b"").0, rxgate::trust::sm3::sm3(&[&z]));
    assert!(key.digest_under(&[7; 8191], b"").is_some());
    assert_eq!(key.digest_under(&[7; 8192], b""), None);
}

#[test]
fn the_private_key_of_the_standard_has_the_public_key_of_the_standard() {
    assert_eq!(signer().public_key().bytes().to_vec(), hex(PUBLIC));
    let with_zero = [vec![0], hex(PRIVATE)].concat();
    assert_eq!(SigningKey::parse(&with_zero).unwrap().public_key(), signer().public_key());
    let n = hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
    let last = hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122");
    let mut with_one = with_zero.clone();
    with_one[0] = 1;
    for refused in
        [vec![], vec![0; 32], vec![0xff; 32], n, last, hex(PRIVATE)[1..].to_vec(), with_one]
    {
        assert_eq!(SigningKey::parse(&refused).err(), Some(NotASigningKey), "{refused:02x?}");
    }
}

#[test]
fn what_is_signed_here_is_verified_by_everybody_and_printed_by_nobody() {
    let digest = signer().public_key().digest("处方".as_bytes());
    let signature = signer().sign(&digest).unwrap();
    let own = KeyTables::new(1 << 20);
    let verifiers: [&dyn Verify; 3] = [&own, &OpenSsl, &RustCrypto];
    for verifier in verifiers {
        assert!(
            verifier.verifies(signer().public_key(), &digest, &signature),
            "{}",
            verifier.name()
        );
        let other = Digest([1; 32]);
        assert!(
            !verifier.verifies(signer().public_key(), &other, &signature),
            "{}",
            verifier.name()
        );
    }
    assert!(!format!("{:?}", signer()).contains(&PRIVATE[..16]));
}

fn openssl_der(raw: &[u8; 64]) -> Vec<u8> {
    let half = |bytes| BigNum::from_slice(bytes).unwrap();
    EcdsaSig::from_private_components(half(&raw[..32]), half(&raw[32..])).unwrap().to_der().unwrap()
}

proptest! {
    #[test]
    fn the_der_form_is_the_one_that_openssl_writes(
        raw in prop::array::uniform32(any::<u8>()), zeros in (0_usize..33, 0_usize..33), other in prop::array::uniform32(any::<u8>()),
    ) {
        let mut bytes: [u8; 64] = [raw, other].concat().try_into().unwrap();
        bytes[..zeros.0].fill(0);
        bytes[32..32 + zeros.1].fill(0);
        let signature = Signature::from(bytes);
        let der = signature.to_der();
        prop_assert_eq!(&der, &openssl_der(&bytes));
        // 64 bytes are always r ‖ s, whatever else they might be.
        if der.len() != 64 {
            prop_assert_eq!(Signature::parse(&der), Ok(signature));
        }
    }

    #[test]
    fn whatever_der_is_accepted_is_written_again_byte_for_byte(
        at in 0_usize..72, to in any::<u8>(), cut in 0_usize..80, more in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let digest = signer().public_key().digest(b"m");
        let mut der = signer().sign(&digest).unwrap().to_der();
        if let Some(byte) = der.get_mut(at) {
            *byte = to;
        }
        der.truncate(cut);
        der.extend(more);
        if der.len() != 64 && let Ok(signature) = Signature::parse(&der) {
            prop_assert_eq!(signature.to_der(), der);
        }
    }
}

#[test]
fn a_second_spelling_of_a_signature_is_refused() {
    let refused = [
        ("", "nothing"),
        ("30", "no length"),
        ("3000", "no numbers"),
        ("3003020101", "one number"),
        ("300702010102010102", "a byte behind"),
        ("30060201010201", "cut off"),
        ("3008020200010201010", "odd"),
        ("300702020001020101", "a needless zero"),
        ("3006020181020101", "a negative number"),
        ("30050200020101", "an empty number"),
        ("308106020101020101", "a long form of a short length"),
        ("3080020101020101", "an open length"),
        ("3006020101030101", "another type"),
        ("3106020101020101", "a set"),
        ("30060201010201010000", "an end mark"),
    ];
    for (der, why) in refused {
        let bytes = data_encoding::HEXLOWER.decode(der.as_bytes()).unwrap_or_default();
        assert_eq!(Signature::parse(&bytes), Err(NotASignature), "{why}");
    }
    let longest = [&[0x30, 0x26, 2, 0x21, 1], [0xff; 32].as_slice(), &[2, 1, 1]].concat();
    assert_eq!(Signature::parse(&longest), Err(NotASignature), "33 bytes of magnitude");
    for length in [1, 32, 63, 65, 96, 128] {
        assert_eq!(Signature::parse(&vec![0x11; length]), Err(NotASignature));
    }
    let mut raw = [0; 64];
    (raw[31], raw[63]) = (1, 1);
    assert_eq!(Signature::parse(&hex("3006020101020101")), Ok(Signature::from(raw)));
}

/// A signer for every number.
fn signer_of(number: u64) -> (PublicKey, Digest, Signature) {
    let mut private = [0x11; 32];
    private[24..].copy_from_slice(&number.to_be_bytes());
    let key = SigningKey::parse(&private).unwrap();
    let digest = key.public_key().digest(b"m");
    (key.public_key().clone(), digest, key.sign(&digest).unwrap())
}

#[test]
fn a_key_that_signs_much_gets_a_large_table_and_the_rest_none() {
    let tables = KeyTables::new(1 << 20);
    let (often, seldom) = (signer_of(1), signer_of(2));
    for round in 0..200 {
        assert!(tables.verifies(&often.0, &often.1, &often.2), "round {round}");
        assert!(!tables.verifies(&often.0, &seldom.1, &often.2), "round {round}");
    }
    assert!(tables.verifies(&seldom.0, &seldom.1, &seldom.2));
    assert_eq!(tables.kept(), (2, 1));
}

#[test]
fn what_is_kept_stays_below_its_limit_and_the_verdicts_right() {
    let signers: Vec<_> = (0..60).map(signer_of).collect();
    // Room for about forty small tables, or one large one and a few small.
    for most in [0, 1000, 60_000, 200_000] {
        let tables = KeyTables::new(most);
        for round in 0..100 {
            for at in [round % 60, 1, 2, 3, (round * 7) % 60] {
                let (key, digest, signature) = &signers[at];
                assert!(tables.verifies(key, digest, signature));
                assert!(!tables.verifies(key, &Digest([9; 32]), signature));
            }
            assert!(tables.bytes() <= most, "{} of {most} bytes", tables.bytes());
        }
        let (keys, large) = tables.kept();
        assert_eq!(
            large,
            [0, 0, 0, 2]
                [usize::from(most > 0) + usize::from(most > 1000) + usize::from(most > 60_000)],
            "{most}: {keys} keys"
        );
    }
}

#[test]
fn a_large_table_goes_to_whom_signs_now() {
    // Room for one large table.
    let tables = KeyTables::new(120_000);
    let (before, now) = (signer_of(1), signer_of(2));
    let sign = |one: &(PublicKey, Digest, Signature), times: u32| {
        (0..times).for_each(|_| assert!(tables.verifies(&one.0, &one.1, &one.2)));
    };
    sign(&before, 100);
    assert_eq!(tables.kept(), (1, 1));
    // Both sign alike: the table stays where it is.
    for _ in 0..200 {
        sign(&before, 1);
        sign(&now, 1);
    }
    let taken = |tables: &KeyTables| format!("{tables:?}");
    assert_eq!(taken(&tables), "KeyTables(2 keys, 1 large)");
    assert!(tables.has_large(&before.0) && !tables.has_large(&now.0));
    sign(&now, 200);
    assert!(tables.has_large(&now.0) && !tables.has_large(&before.0));
    assert_eq!(tables.kept(), (2, 1));
}

#[test]
fn threads_share_the_tables() {
    let tables = KeyTables::new(300_000);
    let signers: Vec<_> = (0..8).map(signer_of).collect();
    std::thread::scope(|scope| {
        for first in 0..4 {
            let (tables, signers) = (&tables, &signers);
            scope.spawn(move || {
                for round in 0..400 {
                    let (key, digest, signature) = &signers[(first * 3 + round) % 8];
                    assert!(tables.verifies(key, digest, signature));
                }
            });
        }
    });
    assert!(tables.bytes() <= 300_000);
    assert_eq!(tables.kept().0, 8);
}

#[test]
fn every_known_answer_holds_and_one_that_does_not_stops_the_start() {
    assert_eq!(self_test::run(&KNOWN_ANSWERS), Ok(()));
    let holds = || KnownAnswer { name: "holds", holds: || Some(true) };
    for wrong in [|| Some(false), || None] {
        let answers = [holds(), KnownAnswer { name: "SM9 by nobody", holds: wrong }];
        let failed = self_test::run(&answers).unwrap_err();
        assert_eq!(failed, SelfTestFailed("SM9 by nobody"));
        assert!(failed.to_string().starts_with("self-test failed: SM9 by nobody; do not serve"));
    }
}
