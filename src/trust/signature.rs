//! SM2 signatures (GB/T 32918.2): whose they are, over what, and in which bytes they come.
//!
//! Signed is not the message but e = SM3(Z ‖ message), where Z digests the signer's user id, the curve and the public key. The
//! user id is always said: one side's default is empty where the other's is 1234567812345678, and then nothing ever
//! verifies. Knows no implementation (`verify`, `sign`).

use std::fmt;

use data_encoding::HEXLOWER;

use super::sm3::{DIGEST, sm3};

pub use ::sm2::NotAKey;

/// The user id of everybody who has agreed on no other (GM/T 0009, 10).
pub const USER_ID: &[u8] = b"1234567812345678";
/// Bytes of r or s.
const HALF: usize = 32;

/// A point of the curve, with its Z under [`USER_ID`], which then costs no digest per signature.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    point: ::sm2::PublicKey,
    bytes: [u8; 65],
    z: [u8; DIGEST],
}

impl PublicKey {
    /// From 65 bytes `04 ‖ x ‖ y`, 64 bytes `x ‖ y` or 33 bytes `02|03 ‖ x`, checked to be on the curve.
    pub fn parse(bytes: &[u8]) -> Result<PublicKey, NotAKey> {
        let point = ::sm2::PublicKey::parse(bytes)?;
        Ok(PublicKey { point, bytes: point.to_bytes(), z: z(&point, 128, USER_ID) })
    }

    /// What is signed of a message, under [`USER_ID`].
    pub fn digest(&self, message: &[u8]) -> Digest {
        Digest(sm3(&[&self.z, message]))
    }

    /// What is signed of a message under another user id; `None` for one longer than 8191 bytes.
    pub fn digest_under(&self, user_id: &[u8], message: &[u8]) -> Option<Digest> {
        let bits = u16::try_from(user_id.len().checked_mul(8)?).ok()?;
        Some(Digest(sm3(&[&z(&self.point, bits, user_id), message])))
    }

    pub fn point(&self) -> &::sm2::PublicKey {
        &self.point
    }

    /// `04 ‖ x ‖ y`
    pub fn bytes(&self) -> &[u8; 65] {
        &self.bytes
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", HEXLOWER.encode(&self.bytes))
    }
}

/// SM3 of the id's length in bits, the id, the curve and the key.
fn z(point: &::sm2::PublicKey, bits: u16, user_id: &[u8]) -> [u8; DIGEST] {
    let [a, b, gx, gy] = ::sm2::parameters();
    let [x, y] = point.coordinates();
    sm3(&[&bits.to_be_bytes(), user_id, &a, &b, &gx, &gy, &x, &y])
}

/// e, the digest that is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; DIGEST]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", HEXLOWER.encode(&self.0))
    }
}

/// The bytes are no signature in either form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a signature: 64 bytes r ‖ s or strict DER are wanted")]
pub struct NotASignature;

/// r ‖ s, 32 bytes each, as it is stored. Whether the two are in range is for the verifier to say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 2 * HALF]);

impl Signature {
    /// Exactly 64 bytes are r ‖ s; anything else must be DER in its one right spelling.
    pub fn parse(bytes: &[u8]) -> Result<Signature, NotASignature> {
        match bytes.try_into() {
            Ok(raw) => Ok(Signature(raw)),
            Err(_) => from_der(bytes).ok_or(NotASignature),
        }
    }

    pub fn raw(&self) -> &[u8; 2 * HALF] {
        &self.0
    }

    /// The DER form, `SEQUENCE { INTEGER r, INTEGER s }`.
    pub fn to_der(&self) -> Vec<u8> {
        let content: Vec<u8> = self.0.chunks(HALF).flat_map(integer).collect();
        // At most 70 bytes: the length is one byte.
        [&[SEQUENCE, short_length(&content)], content.as_slice()].concat()
    }
}

impl From<[u8; 2 * HALF]> for Signature {
    fn from(raw: [u8; 2 * HALF]) -> Signature {
        Signature(raw)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", HEXLOWER.encode(&self.0))
    }
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// Reads what [`Signature::to_der`] writes and nothing else: no longer length, no needless zero, no negative number, nothing
/// behind. A second spelling of one signature would be a second document with the same validity.
fn from_der(bytes: &[u8]) -> Option<Signature> {
    let [SEQUENCE, length, content @ ..] = bytes else { return None };
    if usize::from(*length) != content.len() || *length > 0x7f {
        return None;
    }
    let (r, rest) = read_integer(content)?;
    let (s, rest) = read_integer(rest)?;
    let mut raw = [0; 2 * HALF];
    for (half, number) in raw.chunks_mut(HALF).zip([r, s]) {
        half.iter_mut().rev().zip(number.iter().rev()).for_each(|(to, from)| *to = *from);
    }
    rest.is_empty().then_some(Signature(raw))
}

/// The magnitude of a non-negative integer of at most 32 bytes, and what follows it.
fn read_integer(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [INTEGER, length, rest @ ..] = bytes else { return None };
    let (content, rest) = rest.split_at_checked(usize::from(*length))?;
    let magnitude = match content {
        // A leading zero only keeps a high bit from being read as a minus.
        [0, second, ..] if second & 0x80 != 0 => content.get(1..)?,
        [0] => content,
        [first, ..] if *first != 0 && first & 0x80 == 0 => content,
        _ => return None,
    };
    (magnitude.len() <= HALF).then_some((magnitude, rest))
}

fn integer(half: &[u8]) -> Vec<u8> {
    let zeros = half.iter().take_while(|byte| **byte == 0).count().min(HALF - 1);
    let digits = half.iter().skip(zeros).copied();
    let high = digits.clone().next().is_some_and(|first| first & 0x80 != 0);
    let content: Vec<u8> = high.then_some(0).into_iter().chain(digits).collect();
    [&[INTEGER, short_length(&content)], content.as_slice()].concat()
}

/// A length below 128 in its one byte.
fn short_length(content: &[u8]) -> u8 {
    content.len().try_into().unwrap_or(u8::MAX)
}
