//! Three implementations of SM2 verification must agree on everything: ours with both of its tables, OpenSSL's, RustCrypto's.
//!
//! `make test` tries 5,000 cases, `make soak` a million: RXGATE_DIFFERENTIAL_CASES. The cases of a number are always the
//! same. Where the outcome is known by construction it is held against that, too.

mod cases;

use std::collections::HashMap;
use std::thread;

use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcPoint};
use openssl::nid::Nid;
use rustcrypto_sm2::PublicKey as RustCryptoPublicKey;
use rxgate::trust::randomness::Randomness;
use rxgate::trust::sign::SigningKey;
use rxgate::trust::signature::{Digest, PublicKey, Signature};
use rxgate::trust::verify::{OpenSsl, OpenSslKey, RustCrypto, RustCryptoKey, Verify};
use sm2::KeyTable;

use self::cases::{Cases, Draw, P, bytes, number, opposite, plus};

const CASES: u64 = 5_000;

#[test]
fn three_implementations_agree_on_valid_mutated_and_edge_cases() {
    let asked = std::env::var("RXGATE_DIFFERENTIAL_CASES").ok();
    let cases =
        asked.map_or(CASES, |text| text.parse().expect("RXGATE_DIFFERENTIAL_CASES: a number"));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut kinds: HashMap<(&str, bool), u64> = HashMap::new();
    thread::scope(|scope| {
        let run = |first| {
            move || {
                let mut judge = Judge::new();
                (0..cases).skip(first).step_by(threads).for_each(|number| judge.compare(number));
                judge.kinds
            }
        };
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(run(first))).collect();
        for found in running.into_iter().map(|thread| thread.join().unwrap()) {
            found.into_iter().for_each(|(kind, count)| *kinds.entry(kind).or_default() += count);
        }
    });
    assert_eq!(kinds.values().sum::<u64>(), cases);
    for kind in ["valid", "edge digest", "edge scalars", "x not below n"] {
        assert!(kinds.contains_key(&(kind, true)), "no {kind} was verified: {kinds:?}");
    }
    for kind in ["mutated", "edge halves", "infinity"] {
        assert!(kinds.contains_key(&(kind, false)), "no {kind} was refused: {kinds:?}");
    }
    assert!(!kinds.contains_key(&("infinity", true)), "{kinds:?}");
}

/// A key in every form that an implementation wants.
struct Ready {
    own: Vec<KeyTable>,
    openssl: OpenSslKey,
    rustcrypto: RustCryptoKey,
}

impl Ready {
    fn new(key: &PublicKey, with_large: bool) -> Ready {
        let large = with_large.then(|| KeyTable::large(key.point()));
        Ready {
            own: large.into_iter().chain([KeyTable::small(key.point())]).collect(),
            openssl: OpenSslKey::new(key).unwrap(),
            rustcrypto: RustCryptoKey::new(key).unwrap(),
        }
    }
}

struct Judge {
    cases: Cases,
    pool: HashMap<[u8; 65], Ready>,
    kinds: HashMap<(&'static str, bool), u64>,
}

impl Judge {
    fn new() -> Judge {
        let cases = Cases::new();
        let keys = cases.signers.iter().map(SigningKey::public_key);
        let pool = keys.map(|key| (*key.bytes(), Ready::new(key, true))).collect();
        Judge { cases, pool, kinds: HashMap::new() }
    }

    fn compare(&mut self, number: u64) {
        let case = self.cases.case(number);
        let fresh;
        let ready = match self.pool.get(case.key.bytes()) {
            Some(ready) => ready,
            None => {
                fresh = Ready::new(&case.key, number.is_multiple_of(8));
                &fresh
            }
        };
        let (digest, signature) = (Digest(case.digest), Signature::from(case.signature));
        let openssl = ready.openssl.verifies(&digest, &signature);
        let told =
            || format!("case {number}, {}: {:?} {digest:?} {signature:?}", case.what, case.key);
        assert_eq!(
            ready.rustcrypto.verifies(&digest, &signature),
            openssl,
            "RustCrypto, {}",
            told()
        );
        for table in &ready.own {
            assert_eq!(
                table.verifies(&case.digest, &case.signature),
                openssl,
                "{table:?}, {}",
                told()
            );
        }
        if let Some(expected) = case.expected {
            assert_eq!(openssl, expected, "by construction, {}", told());
        }
        *self.kinds.entry((case.what, openssl)).or_default() += 1;
    }
}

#[test]
fn three_implementations_agree_on_what_is_a_public_key() {
    let group = EcGroup::from_curve_name(Nid::SM2).unwrap();
    let mut context = BigNumContext::new().unwrap();
    let mut points = 0;
    for seed in 0..600 {
        let draw = Draw(Randomness::seeded(seed));
        let key = SigningKey::parse(&bytes(&draw.scalar())).unwrap();
        let mut encoded = match draw.below(3) {
            0 => key.public_key().bytes().to_vec(),
            1 => opposite(key.public_key()),
            // Half of these are the x of a point.
            _ => [draw.one(&[[2], [3]]).as_slice(), &draw.bytes::<32>()].concat(),
        };
        match draw.below(6) {
            0 => {
                let at = 1 + draw.below(encoded.len() - 1);
                encoded[at] ^= 1 << draw.below(8);
            }
            1 => encoded.truncate(draw.below(66)),
            2 => {
                let ends = [number(P), plus(&number(P), 3), [0xff; 32], [0; 32]];
                let end: &[u8; 32] = draw.one(&ends);
                encoded[1..33].copy_from_slice(end);
            }
            _ => {}
        }
        // Infinity, which the others know as one zero byte, is nobody's key.
        let openssl = EcPoint::from_bytes(&group, &encoded, &mut context)
            .is_ok_and(|point| !point.is_infinity(&group));
        let rustcrypto = RustCryptoPublicKey::from_sec1_bytes(&encoded).is_ok();
        // `x ‖ y` without a head is a form that partners use and the others do not know.
        let own = encoded.len() != 64 && PublicKey::parse(&encoded).is_ok();
        assert_eq!((own, rustcrypto), (openssl, openssl), "{encoded:02x?}");
        points += usize::from(own);
    }
    assert!((200..500).contains(&points), "{points} of 600 were keys: the test lost its sense");
}

#[test]
fn what_is_made_ready_anew_answers_like_what_is_kept() {
    let cases = Cases::new();
    for number in 0..64 {
        let case = cases.case(number);
        let (digest, signature) = (Digest(case.digest), Signature::from(case.signature));
        let kept = Ready::new(&case.key, false);
        let openssl = OpenSsl.verifies(&case.key, &digest, &signature);
        assert_eq!(openssl, kept.openssl.verifies(&digest, &signature));
        assert_eq!(openssl, RustCrypto.verifies(&case.key, &digest, &signature));
    }
}
