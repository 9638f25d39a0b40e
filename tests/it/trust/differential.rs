//! Three implementations of SM2 verification must agree on everything: ours with both of its tables, OpenSSL's, RustCrypto's.
//!
//! `make test` tries 5,000 cases, `make soak` a million: RXGATE_DIFFERENTIAL_CASES. The cases of a number are always the
//! same. Where the outcome is known by construction it is held against that, too.

use std::collections::HashMap;
use std::thread;

use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcPoint};
use openssl::nid::Nid;
use rustcrypto_sm2::elliptic_curve::sec1::ToSec1Point;
use rustcrypto_sm2::elliptic_curve::{Group, PrimeField, ops::Reduce, point::AffineCoordinates};
use rustcrypto_sm2::{FieldBytes, ProjectivePoint, PublicKey as RustCryptoPublicKey, Scalar};
use rxgate::trust::randomness::Randomness;
use rxgate::trust::sign::SigningKey;
use rxgate::trust::signature::{Digest, PublicKey, Signature};
use rxgate::trust::verify::{OpenSsl, OpenSslKey, RustCrypto, RustCryptoKey, Verify};
use sm2::KeyTable;

const CASES: u64 = 5_000;
const N: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
const P: &str = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff";

struct Case {
    what: &'static str,
    key: PublicKey,
    digest: [u8; 32],
    signature: [u8; 64],
    /// Where construction tells it.
    expected: Option<bool>,
}

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

/// Makes cases from numbers.
struct Cases {
    /// Private keys at the ends of their range, and some in between.
    signers: Vec<SigningKey>,
    secrets: Vec<Scalar>,
    edges: Vec<Scalar>,
}

fn number(hex: &str) -> [u8; 32] {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

fn scalar(bytes: &[u8; 32]) -> Scalar {
    Scalar::reduce(&FieldBytes::from(*bytes))
}

fn bytes(scalar: &Scalar) -> [u8; 32] {
    scalar.to_repr().into()
}

/// A big-endian number plus a small one.
fn plus(number: &[u8; 32], mut small: u16) -> [u8; 32] {
    let mut sum = *number;
    for byte in sum.iter_mut().rev() {
        let total = u16::from(*byte) + (small & 0xff);
        *byte = total.to_le_bytes()[0];
        small = (small >> 8) + (total >> 8);
    }
    sum
}

fn joined(r: &[u8; 32], s: &[u8; 32]) -> [u8; 64] {
    [*r, *s].concat().try_into().unwrap()
}

fn public(point: &ProjectivePoint) -> PublicKey {
    PublicKey::parse(point.to_affine().to_sec1_point(false).as_bytes()).unwrap()
}

fn x_of(point: &ProjectivePoint) -> [u8; 32] {
    point.to_affine().x().into()
}

struct Draw(Randomness);

impl Draw {
    fn bytes<const LENGTH: usize>(&self) -> [u8; LENGTH] {
        self.0.bytes().unwrap()
    }
    fn scalar(&self) -> Scalar {
        scalar(&self.bytes())
    }
    fn below(&self, limit: usize) -> usize {
        usize::from(u16::from_be_bytes(self.bytes())) % limit
    }
    fn one<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

impl Cases {
    fn new() -> Cases {
        let draw = Draw(Randomness::seeded(32918));
        let small = [1_u64, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 255, 256, 257, 1 << 10, u64::MAX];
        let mut edges: Vec<Scalar> = small.iter().map(|k| Scalar::from(*k)).collect();
        // Where the teeth of the tables meet: 2ᵏ and its neighbours.
        for power in
            [9, 10, 51, 52, 53, 89, 90, 91, 104, 156, 180, 208, 223, 224, 240, 248, 254, 255]
        {
            let power = (0..power).fold(Scalar::ONE, |power, _| power + power);
            edges.extend([power, power - Scalar::ONE, power + Scalar::ONE]);
        }
        let negative: Vec<_> = edges.iter().map(|edge| -*edge).collect();
        edges.extend(negative);
        edges.push(Scalar::from(2_u64).invert().unwrap());
        let mut secrets: Vec<_> = small[..8].iter().map(|d| Scalar::from(*d)).collect();
        secrets.extend([-Scalar::from(2_u64), -Scalar::from(3_u64)]);
        secrets.extend((0..6).map(|_| draw.scalar()));
        let signers = secrets.iter().map(|d| SigningKey::parse(&bytes(d)).unwrap()).collect();
        Cases { signers, secrets, edges }
    }

    fn case(&self, number: u64) -> Case {
        let draw = Draw(Randomness::seeded(number));
        match number % 8 {
            0 => self.valid(&draw),
            1 | 2 => self.mutated(&draw),
            3 => self.edge_digest(&draw),
            4 | 5 => self.edge_scalars(&draw),
            6 => self.edge_halves(&draw),
            _ if number.is_multiple_of(3) => self.infinity(&draw),
            _ => x_not_below_n(&draw),
        }
    }

    fn signed(&self, what: &'static str, signer: &SigningKey, digest: [u8; 32]) -> Case {
        let signature = *signer.sign(&Digest(digest)).unwrap().raw();
        Case { what, key: signer.public_key().clone(), digest, signature, expected: Some(true) }
    }

    /// Every second with a key that was never seen.
    fn valid(&self, draw: &Draw) -> Case {
        let fresh = SigningKey::parse(&bytes(&draw.scalar())).unwrap();
        let signer = if draw.below(2) == 0 { &fresh } else { draw.one(&self.signers) };
        self.signed("valid", signer, draw.bytes())
    }

    fn mutated(&self, draw: &Draw) -> Case {
        let signer = draw.one(&self.signers);
        let mut case = self.signed("mutated", signer, draw.bytes());
        let (r, s) = case.signature.split_at(32);
        let (r, s): ([u8; 32], [u8; 32]) = (r.try_into().unwrap(), s.try_into().unwrap());
        match draw.below(6) {
            0 => case.digest[draw.below(32)] ^= 1 << draw.below(8),
            1 | 2 => case.signature[draw.below(64)] ^= 1 << draw.below(8),
            3 => case.signature = joined(&s, &r),
            4 => case.signature = joined(&r, &bytes(&-scalar(&s))),
            _ => case.key = PublicKey::parse(&opposite(&case.key)).unwrap(),
        }
        case.expected = Some(false);
        case
    }

    /// Digests at and above n, whose remainder counts.
    fn edge_digest(&self, draw: &Draw) -> Case {
        let n = number(N);
        let small = u16::from_be_bytes(draw.bytes());
        let digests = [
            [0; 32],
            plus(&[0; 32], small),
            n,
            plus(&n, small),
            [0xff; 32],
            number(P),
            bytes(draw.one(&self.edges)),
        ];
        self.signed("edge digest", draw.one(&self.signers), *draw.one(&digests))
    }

    /// s and t at will: R = (s + t·d)·G, r = t − s, and the digest e = r − x(R) makes it right.
    fn edge_scalars(&self, draw: &Draw) -> Case {
        let at = draw.below(self.secrets.len());
        let (s, t) = (*draw.one(&self.edges), *draw.one(&self.edges));
        let r = t - s;
        let point = ProjectivePoint::mul_by_generator(&(s + t * self.secrets[at]));
        let is_valid = r != Scalar::ZERO && !bool::from(point.is_identity());
        let e = if is_valid { r - scalar(&x_of(&point)) } else { draw.scalar() };
        Case {
            what: "edge scalars",
            key: self.signers[at].public_key().clone(),
            digest: bytes(&e),
            signature: joined(&bytes(&r), &bytes(&s)),
            expected: Some(is_valid),
        }
    }

    /// r and s at the ends of their range and beyond, r + s = n.
    fn edge_halves(&self, draw: &Draw) -> Case {
        let n = number(N);
        let small = u16::from_be_bytes(draw.bytes());
        let last = bytes(&-Scalar::ONE);
        let halves = [
            [0; 32],
            plus(&[0; 32], 1),
            last,
            n,
            plus(&n, 1),
            plus(&n, small),
            number(P),
            [0xff; 32],
            draw.bytes(),
        ];
        let r = *draw.one(&halves);
        let s = if draw.below(3) == 0 { bytes(&-scalar(&r)) } else { *draw.one(&halves) };
        let key = draw.one(&self.signers).public_key().clone();
        Case {
            what: "edge halves",
            key,
            digest: draw.bytes(),
            signature: joined(&r, &s),
            expected: None,
        }
    }

    /// s·G + t·P = infinity.
    fn infinity(&self, draw: &Draw) -> Case {
        let at = draw.below(self.secrets.len());
        let s = if draw.below(2) == 0 { *draw.one(&self.edges) } else { draw.scalar() };
        let t = -s * self.secrets[at].invert().unwrap();
        let signature = joined(&bytes(&(t - s)), &bytes(&s));
        let digest = if draw.below(2) == 0 { bytes(&(t - s)) } else { draw.bytes() };
        let key = self.signers[at].public_key().clone();
        Case { what: "infinity", key, digest, signature, expected: Some(false) }
    }
}

/// The point R of the sum has n ≤ x < p, which happens by chance once in 2¹²⁹: chosen first, the key is what leads there.
fn x_not_below_n(draw: &Draw) -> Case {
    let n = number(N);
    let (x, point) = (0..)
        .find_map(|_| {
            let x = plus(&n, u16::from_be_bytes(draw.bytes()));
            let compressed = [&[2], x.as_slice()].concat();
            Some((x, RustCryptoPublicKey::from_sec1_bytes(&compressed).ok()?.to_projective()))
        })
        .unwrap();
    let (s, t) = (draw.scalar(), draw.scalar());
    let key = (point - ProjectivePoint::mul_by_generator(&s)) * t.invert().unwrap();
    let r = t - s;
    // One time in three another digest: right for x = 0, wrong for this one.
    let right = draw.below(3) > 0;
    let e = if right { r - scalar(&x) } else { r };
    let expected = Some(right || scalar(&x) == Scalar::ZERO);
    let signature = joined(&bytes(&r), &bytes(&s));
    Case { what: "x not below n", key: public(&key), digest: bytes(&e), signature, expected }
}

/// The compressed form of the point with the other y.
fn opposite(key: &PublicKey) -> Vec<u8> {
    let [_, rest @ ..] = key.bytes();
    let odd = rest[63] & 1;
    [&[3 - odd], &rest[..32]].concat()
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
