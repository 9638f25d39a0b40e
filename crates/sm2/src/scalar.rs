//! Numbers modulo n, the order of the group: the halves of a signature, and how one is written in signed digits.

use crate::limbs::{self, Limbs};

/// The order of the base point. Prime, and the number of all points: the cofactor is 1.
pub const N: Limbs =
    [0x53bb_f409_39d5_4123, 0x7203_df6b_21c6_052b, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// A number below n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar(Limbs);

impl Scalar {
    /// One half of a signature: 1 to n − 1, `None` for everything else.
    pub fn of_signature(bytes: &[u8; 32]) -> Option<Scalar> {
        let number = limbs::from_bytes(bytes);
        (number != [0; 4] && limbs::is_less(&number, &N)).then_some(Scalar(number))
    }

    /// A digest modulo n. Below 2²⁵⁶ < 2n, so once is enough.
    pub fn of_digest(bytes: &[u8; 32]) -> Scalar {
        Scalar(limbs::reduce_once(limbs::from_bytes(bytes), false, &N))
    }

    pub fn plus(self, other: Scalar) -> Scalar {
        let (sum, carry) = limbs::add(&self.0, &other.0);
        Scalar(limbs::reduce_once(sum, carry, &N))
    }

    pub fn minus(self, other: Scalar) -> Scalar {
        let (difference, borrow) = limbs::sub(&self.0, &other.0);
        Scalar(if borrow { limbs::add(&difference, &N).0 } else { difference })
    }

    pub fn is_zero(self) -> bool {
        self.0 == [0; 4]
    }

    pub fn number(self) -> Limbs {
        self.0
    }
}

/// A scalar as Σ ±2ⁱ over `length` digits, none of them zero: a set bit is a plus.
///
/// An odd k has exactly one such form: with cᵢ = 1 for plus, k = Σ (2cᵢ − 1)·2ⁱ = 2c − (2^length − 1), so that
/// c = (k − 1)/2 + 2^(length−1): k without its lowest bit, and a plus on top. An even k is replaced by k + n, which is odd
/// and the same multiple of every point. No digit being zero, a table needs no entry and the loop no branch for "nothing".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signs([u64; 5]);

/// Digits that every scalar needs: k + n is below 2²⁵⁷.
pub const FEWEST: usize = 257;

impl Signs {
    /// `length` from [`FEWEST`] to 320.
    pub fn of(scalar: Scalar, length: usize) -> Signs {
        let even = scalar.0[0] & 1 == 0;
        let ([k0, k1, k2, k3], carry) = limbs::add(&scalar.0, if even { &N } else { &[0; 4] });
        let mut digits = [
            k0 >> 1 | k1 << 63,
            k1 >> 1 | k2 << 63,
            k2 >> 1 | k3 << 63,
            k3 >> 1 | u64::from(carry) << 63,
            0,
        ];
        let top = length.saturating_sub(1);
        if let Some(limb) = digits.get_mut(top / 64) {
            *limb |= 1 << (top % 64);
        }
        Signs(digits)
    }

    /// Whether the digit at `position` is a plus.
    #[inline]
    pub fn is_plus(&self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|limb| limb >> (position % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(number: Limbs) -> Scalar {
        Scalar::of_digest(&limbs::to_bytes(&number))
    }

    #[test]
    fn a_half_of_a_signature_lies_between_0_and_n() {
        let half = |number: Limbs| Scalar::of_signature(&limbs::to_bytes(&number));
        let last = limbs::sub(&N, &[1, 0, 0, 0]).0;
        assert_eq!(half([0; 4]), None);
        assert_eq!(half([1, 0, 0, 0]), Some(Scalar([1, 0, 0, 0])));
        assert_eq!(half(last), Some(Scalar(last)));
        assert_eq!(half(N), None);
        assert_eq!(half([u64::MAX; 4]), None);
    }

    #[test]
    fn sums_and_differences_stay_below_n() {
        let last = Scalar(limbs::sub(&N, &[1, 0, 0, 0]).0);
        let one = scalar([1, 0, 0, 0]);
        assert!(last.plus(one).is_zero());
        assert_eq!(last.plus(last), last.minus(one));
        assert_eq!(one.minus(scalar([2, 0, 0, 0])), last);
        assert!(scalar(N).is_zero());
    }

    /// Σ ±2ⁱ modulo n, digit by digit from the top.
    fn value(signs: &Signs, length: usize) -> Scalar {
        let one = scalar([1, 0, 0, 0]);
        (0..length).rev().fold(scalar([0; 4]), |sum, i| {
            let twice = sum.plus(sum);
            if signs.is_plus(i) { twice.plus(one) } else { twice.minus(one) }
        })
    }

    #[test]
    fn signed_digits_add_up_to_the_scalar() {
        let last = limbs::sub(&N, &[1, 0, 0, 0]).0;
        let numbers = [
            [1, 0, 0, 0],
            [2, 0, 0, 0],
            last,
            [u64::MAX, 0, 0, 0],
            [0, 0, 0, 1 << 63],
            [7, 9, 11, 13],
        ];
        for number in numbers.map(scalar) {
            for length in [FEWEST, 260, 264, 270, 320] {
                assert_eq!(
                    value(&Signs::of(number, length), length),
                    number,
                    "{number:?} in {length}"
                );
            }
        }
    }
}
