//! The verification (GB/T 32918.2-2016, 7): is (r, s) a signature of the digest e under the key P?
//!
//! With t = r + s mod n and (x₁, y₁) = s·G + t·P it is, when e + x₁ ≡ r modulo n.

use std::sync::LazyLock;

use crate::key::PublicKey;
use crate::limbs;
use crate::point::{Affine, Jacobian};
use crate::scalar::{N, Scalar};
use crate::table::Comb;

/// For every key: 52 sums and 51 doublings from 1 KiB.
type Small = Comb<5, 1, 52>;
/// For the keys that sign most: 30 sums and 9 doublings from 48 KiB.
type Large = Comb<9, 3, 10>;
/// For the base point: 33 sums and no doubling from 264 KiB, once per process.
type Base = Comb<8, 33, 1>;

/// `None` only if the standard's base point were mistyped: then nothing verifies.
static BASE: LazyLock<Option<Base>> = LazyLock::new(|| Affine::generator().map(Base::new));

/// Makes the base point's table now (about a millisecond), which the first verification would do otherwise.
pub fn prepare() {
    LazyLock::force(&BASE);
}

/// A public key made ready to verify signatures.
pub struct KeyTable(Table);

enum Table {
    Small(Small),
    Large(Large),
}

impl KeyTable {
    /// Bytes of a small table.
    pub const SMALL: usize = Small::BYTES;
    /// Bytes of a large table.
    pub const LARGE: usize = Large::BYTES;

    /// Costs about two verifications to make.
    pub fn small(key: &PublicKey) -> KeyTable {
        KeyTable(Table::Small(Small::new(key.0)))
    }

    /// Costs about twenty verifications to make, each of which is then shorter by half.
    pub fn large(key: &PublicKey) -> KeyTable {
        KeyTable(Table::Large(Large::new(key.0)))
    }

    pub fn is_large(&self) -> bool {
        matches!(self.0, Table::Large(_))
    }

    /// Whether `r ‖ s` is this key's signature of `digest`, which is SM3(Z ‖ M).
    ///
    /// The sum is found as (X, Y, Z) with x₁ = X/Z². The standard computes x₁, which needs an inversion, and then reduces
    /// e + x₁. Turned around there is none: x₁ must be r − e modulo n, and being below p < 2n it is r − e itself or that plus
    /// n; each is tried as X = x·Z².
    pub fn verifies(&self, digest: &[u8; 32], signature: &[u8; 64]) -> bool {
        self.judge(digest, signature).unwrap_or(false)
    }

    /// `None` where there is nothing to compare: r or s out of range, t = 0.
    fn judge(&self, digest: &[u8; 32], signature: &[u8; 64]) -> Option<bool> {
        let (r, s) = signature.split_first_chunk::<32>()?;
        let (r, s) = (Scalar::of_signature(r)?, Scalar::of_signature(s.first_chunk()?)?);
        let t = r.plus(s);
        if t.is_zero() {
            return None;
        }
        let tp = match &self.0 {
            Table::Small(table) => table.add_multiple(t, Jacobian::INFINITY),
            Table::Large(table) => table.add_multiple(t, Jacobian::INFINITY),
        };
        let sum = BASE.as_ref()?.add_multiple(s, tp);
        let x = r.minus(Scalar::of_digest(digest)).number();
        let (x_above_n, wrapped) = limbs::add(&x, &N);
        Some(sum.has_x(&x) || (!wrapped && sum.has_x(&x_above_n)))
    }
}

impl std::fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_large() { "KeyTable(large)" } else { "KeyTable(small)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        let mut bytes = [0; N];
        assert_eq!(text.len(), 2 * N);
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        }
        bytes
    }

    /// GB/T 32918.5-2017 A.2: key, e and signature.
    fn standard() -> (PublicKey, [u8; 32], [u8; 64]) {
        let key: [u8; 64] = hex(concat!(
            "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
            "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
        ));
        let signature = hex(concat!(
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
            "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
        ));
        let e = hex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
        (PublicKey::parse(&key).unwrap(), e, signature)
    }

    fn tables(key: &PublicKey) -> [KeyTable; 2] {
        [KeyTable::small(key), KeyTable::large(key)]
    }

    #[test]
    fn the_signature_of_the_standard_is_verified() {
        let (key, e, signature) = standard();
        for table in tables(&key) {
            assert!(table.verifies(&e, &signature), "{table:?}");
        }
    }

    #[test]
    fn no_bit_of_digest_or_signature_may_change() {
        let (key, e, signature) = standard();
        for table in tables(&key) {
            for bit in 0..256 {
                let mut changed = e;
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(!table.verifies(&changed, &signature), "{table:?}, digest, bit {bit}");
            }
            for bit in 0..512 {
                let mut changed = signature;
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(!table.verifies(&e, &changed), "{table:?}, signature, bit {bit}");
            }
        }
    }

    #[test]
    fn a_table_keeps_to_its_size() {
        assert_eq!((KeyTable::SMALL, KeyTable::LARGE), (1024, 48 * 1024));
    }
}
