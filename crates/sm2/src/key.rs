//! Public keys from the encodings in which partners send them (SEC 1, 2.3.4; GB/T 32918.1, 4.2.9).

use crate::limbs;
use crate::point::{self, Affine};

/// The bytes are no public key: of another length or form, or no point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKey;

impl std::fmt::Display for NotAKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an SM2 public key: 64, 65 or 33 bytes of a point on the curve are wanted")
    }
}

impl std::error::Error for NotAKey {}

/// A point of the curve other than infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub(crate) Affine);

impl PublicKey {
    /// x ‖ y in 64 bytes, the same after `04`, or x after `02` (y even) or `03` (y odd). Infinity, the hybrid forms `06` and
    /// `07`, and coordinates not below p are refused.
    pub fn parse(bytes: &[u8]) -> Result<PublicKey, NotAKey> {
        let point = match (bytes.len(), bytes.split_first()) {
            (64, _) => uncompressed(bytes),
            (65, Some((4, coordinates))) => uncompressed(coordinates),
            (33, Some((sign @ (2 | 3), x))) => compressed(x, *sign == 3),
            _ => None,
        };
        point.map(PublicKey).ok_or(NotAKey)
    }

    /// The coordinates x and y, as they go into Z.
    pub fn coordinates(&self) -> [[u8; 32]; 2] {
        point::to_bytes(&self.0)
    }

    /// `04 ‖ x ‖ y`, the form of certificates.
    pub fn to_bytes(&self) -> [u8; 65] {
        let [x, y] = self.coordinates();
        let mut bytes = [4; 65];
        bytes.iter_mut().skip(1).zip(x.iter().chain(&y)).for_each(|(to, from)| *to = *from);
        bytes
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PublicKey(")?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

fn uncompressed(coordinates: &[u8]) -> Option<Affine> {
    let (x, y) = coordinates.split_first_chunk::<32>()?;
    Affine::new(&limbs::from_bytes(x), &limbs::from_bytes(y.try_into().ok()?))
}

fn compressed(x: &[u8], odd: bool) -> Option<Affine> {
    Affine::with_x(&limbs::from_bytes(x.try_into().ok()?), odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::P;

    fn generator() -> PublicKey {
        PublicKey(Affine::generator().unwrap())
    }

    #[test]
    fn a_key_is_read_in_each_of_its_forms() {
        let key = generator();
        let bytes = key.to_bytes();
        assert_eq!(PublicKey::parse(&bytes), Ok(key));
        assert_eq!(PublicKey::parse(&bytes[1..]), Ok(key));
        // The y of the base point is even (…f0a0).
        let compressed = [&[2], &bytes[1..33]].concat();
        assert_eq!(PublicKey::parse(&compressed), Ok(key));
        let opposite = PublicKey::parse(&[&[3], &bytes[1..33]].concat()).unwrap();
        assert_eq!(opposite, PublicKey(-key.0));
    }

    #[test]
    fn what_is_no_point_of_the_curve_is_no_key() {
        let bytes = generator().to_bytes();
        let with = |at: usize, to: u8| {
            let mut changed = bytes;
            changed[at] = to;
            changed.to_vec()
        };
        let p = limbs::to_bytes(&P);
        let refused = [
            vec![],
            vec![0],
            vec![0; 64],
            vec![0; 65],
            bytes[..64].to_vec(),
            [bytes.as_slice(), &[0]].concat(),
            // The hybrid forms, and an unknown one.
            with(0, 6),
            with(0, 7),
            with(0, 5),
            with(33, bytes[33] ^ 1),
            with(64, bytes[64] ^ 1),
            [&[4], p.as_slice(), &bytes[33..]].concat(),
            [&[2], p.as_slice()].concat(),
            [&[4], &bytes[1..33]].concat(),
        ];
        for bytes in refused {
            assert_eq!(PublicKey::parse(&bytes), Err(NotAKey), "{bytes:02x?}");
        }
    }
}
