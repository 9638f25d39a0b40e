//! The cases of the differential test, made from their numbers: what signatures look like, and what they must never look like.

use rustcrypto_sm2::elliptic_curve::sec1::ToSec1Point;
use rustcrypto_sm2::elliptic_curve::{Group, PrimeField, ops::Reduce, point::AffineCoordinates};
use rustcrypto_sm2::{FieldBytes, ProjectivePoint, PublicKey as RustCryptoPublicKey, Scalar};
use rxgate::trust::randomness::Randomness;
use rxgate::trust::sign::SigningKey;
use rxgate::trust::signature::{Digest, PublicKey};

const N: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
pub const P: &str = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff";

pub struct Case {
    pub what: &'static str,
    pub key: PublicKey,
    pub digest: [u8; 32],
    pub signature: [u8; 64],
    /// Where construction tells it.
    pub expected: Option<bool>,
}

/// Makes cases from numbers.
pub struct Cases {
    /// Private keys at the ends of their range, and some in between.
    pub signers: Vec<SigningKey>,
    secrets: Vec<Scalar>,
    edges: Vec<Scalar>,
}

pub fn number(hex: &str) -> [u8; 32] {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

fn scalar(bytes: &[u8; 32]) -> Scalar {
    Scalar::reduce(&FieldBytes::from(*bytes))
}

pub fn bytes(scalar: &Scalar) -> [u8; 32] {
    scalar.to_repr().into()
}

/// A big-endian number plus a small one.
pub fn plus(number: &[u8; 32], mut small: u16) -> [u8; 32] {
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

/// Random choices that repeat.
pub struct Draw(pub Randomness);

impl Draw {
    pub fn bytes<const LENGTH: usize>(&self) -> [u8; LENGTH] {
        self.0.bytes().unwrap()
    }
    pub fn scalar(&self) -> Scalar {
        scalar(&self.bytes())
    }
    pub fn below(&self, limit: usize) -> usize {
        usize::from(u16::from_be_bytes(self.bytes())) % limit
    }
    pub fn one<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

impl Cases {
    pub fn new() -> Cases {
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

    pub fn case(&self, number: u64) -> Case {
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
pub fn opposite(key: &PublicKey) -> Vec<u8> {
    let [_, rest @ ..] = key.bytes();
    let odd = rest[63] & 1;
    [&[3 - odd], &rest[..32]].concat()
}
