//! Arithmetic modulo p = 2²⁵⁶ − 2²²⁴ − 2⁹⁶ + 2⁶⁴ − 1, the field of the curve (GB/T 32918.5).
//!
//! A value x is kept as x·2²⁵⁶ mod p (Montgomery's form), because then a product is reduced from below: to `t` a multiple
//! of p is added that makes the lowest limb zero, the limb is dropped, and after four such steps 2²⁵⁶ has been divided
//! away. Elsewhere finding that multiple and forming it costs five multiplications a step. Here it costs none:
//!
//! - p ≡ −1 modulo 2⁶⁴, so the multiple that clears the lowest limb m is m·p itself;
//! - m·p = m·2²⁵⁶ − m·2²²⁴ − m·2⁹⁶ + m·2⁶⁴ − m: the last term clears the limb, and what is left, divided by 2⁶⁴, is
//!   m·2¹⁹² − m·2¹⁶⁰ − m·2³² + m, which is shifts and subtractions.
//!
//! Inlined always: the calls alone would cost an eighth of a verification. A square is a plain product: forming its six
//! double terms once saved three in a hundred, which is not worth a second multiplication to trust.

use std::ops::{Add, Mul, Neg, Sub};

use crate::limbs::{self, Limbs};

/// The prime of the field.
pub const P: Limbs =
    [0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];
/// 2⁵¹² mod p: a Montgomery product with it brings a value into Montgomery's form.
const INTO: Field = Field([
    0x0000_0002_0000_0003,
    0x0000_0002_ffff_ffff,
    0x0000_0001_0000_0001,
    0x0000_0004_0000_0002,
]);
/// (p + 1) / 4
const ROOT: Limbs =
    [0x4000_0000_0000_0000, 0xffff_ffff_c000_0000, 0xffff_ffff_ffff_ffff, 0x3fff_ffff_bfff_ffff];
/// p − 2
const INVERSE: Limbs =
    [0xffff_ffff_ffff_fffd, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// An element of the field in Montgomery's form, always below p, so that equal elements have equal limbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field(Limbs);

impl Field {
    pub const ZERO: Field = Field([0; 4]);
    /// 2²⁵⁶ mod p
    pub const ONE: Field = Field([1, 0xffff_ffff, 0, 0x1_0000_0000]);

    /// The element that a number below p stands for; `None` for p and above.
    pub fn new(number: &Limbs) -> Option<Field> {
        limbs::is_less(number, &P).then(|| Field(*number) * INTO)
    }

    /// The number below p.
    pub fn number(self) -> Limbs {
        (self * Field([1, 0, 0, 0])).0
    }

    pub fn is_zero(self) -> bool {
        self == Field::ZERO
    }

    #[inline(always)]
    pub fn double(self) -> Field {
        self + self
    }

    #[inline(always)]
    pub fn square(self) -> Field {
        self * self
    }

    /// 1/x; 0 for 0. By Fermat's little theorem, since x^(p−1) = 1.
    pub fn inverse(self) -> Field {
        self.power(&INVERSE)
    }

    /// A root, if there is one: p ≡ 3 modulo 4, so that x^((p+1)/4) squared is x times x^((p−1)/2), which is x for a square.
    pub fn square_root(self) -> Option<Field> {
        let root = self.power(&ROOT);
        (root.square() == self).then_some(root)
    }

    fn power(self, exponent: &Limbs) -> Field {
        let bits = exponent.iter().rev().flat_map(|limb| (0..64).rev().map(move |i| limb >> i & 1));
        bits.fold(Field::ONE, |power, bit| {
            let power = power.square();
            if bit == 1 { power * self } else { power }
        })
    }
}

/// `(t + m·p) / 2⁶⁴` with m the lowest limb of t: one step of the reduction.
#[inline(always)]
fn step([m, t1, t2, t3, t4]: [u64; 5]) -> [u64; 5] {
    let (low, high) = (m << 32, m >> 32);
    // m·2¹⁹² − m·2¹⁶⁰ − m·2³² + m, which is not negative.
    let (d0, borrow) = m.borrowing_sub(low, false);
    let (d1, borrow) = 0_u64.borrowing_sub(high, borrow);
    let (d2, borrow) = 0_u64.borrowing_sub(low, borrow);
    let (d3, _) = m.borrowing_sub(high, borrow);
    let (r0, carry) = t1.carrying_add(d0, false);
    let (r1, carry) = t2.carrying_add(d1, carry);
    let (r2, carry) = t3.carrying_add(d2, carry);
    let (r3, carry) = t4.carrying_add(d3, carry);
    [r0, r1, r2, r3, u64::from(carry)]
}

/// `t + x·b`. It fits: t < 2p and x·b ≤ (2⁶⁴ − 1)·p, together below 2³²⁰.
#[inline(always)]
fn add_row([t0, t1, t2, t3, t4]: [u64; 5], x: u64, b: &Limbs) -> [u64; 5] {
    let (r0, carry) = x.carrying_mul(b[0], t0);
    let (r1, carry) = x.carrying_mul_add(b[1], t1, carry);
    let (r2, carry) = x.carrying_mul_add(b[2], t2, carry);
    let (r3, carry) = x.carrying_mul_add(b[3], t3, carry);
    [r0, r1, r2, r3, t4.wrapping_add(carry)]
}

impl Mul for Field {
    type Output = Field;
    /// a·b / 2²⁵⁶: row by row, each followed by a step of the reduction, which keeps the sum below 2p.
    #[inline(always)]
    fn mul(self, other: Field) -> Field {
        let [a0, a1, a2, a3] = self.0;
        let t = step(add_row([0; 5], a0, &other.0));
        let t = step(add_row(t, a1, &other.0));
        let t = step(add_row(t, a2, &other.0));
        let [r0, r1, r2, r3, top] = step(add_row(t, a3, &other.0));
        Field(limbs::reduce_once([r0, r1, r2, r3], top != 0, &P))
    }
}

impl Add for Field {
    type Output = Field;
    #[inline(always)]
    fn add(self, other: Field) -> Field {
        let (sum, carry) = limbs::add(&self.0, &other.0);
        Field(limbs::reduce_once(sum, carry, &P))
    }
}

impl Sub for Field {
    type Output = Field;
    #[inline(always)]
    fn sub(self, other: Field) -> Field {
        let (difference, borrow) = limbs::sub(&self.0, &other.0);
        // Wrapped around 2²⁵⁶: p brings it back.
        Field(limbs::add(&difference, &limbs::choose(borrow, &P, &[0; 4])).0)
    }
}

impl Neg for Field {
    type Output = Field;
    #[inline(always)]
    fn neg(self) -> Field {
        Field::ZERO - self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(number: u64) -> Field {
        Field::new(&[number, 0, 0, 0]).unwrap()
    }

    /// p − 1, which is −1.
    fn last() -> Field {
        Field::new(&limbs::sub(&P, &[1, 0, 0, 0]).0).unwrap()
    }

    /// Elements whose limbs are at their ends, and some in between.
    fn samples() -> Vec<Field> {
        let ends = [0, 1, 2, 0xffff_ffff, 1 << 32, u64::MAX - 1, u64::MAX];
        let mut all = vec![last(), -small(2), small(3).inverse()];
        for (a, b) in ends.iter().flat_map(|a| ends.map(|b| (*a, b))) {
            all.extend(
                [[a, b, a, b], [a, a, b, b], [b, a, a, 0], [b, b, b, 0xffff_fffe]]
                    .iter()
                    .filter_map(Field::new),
            );
        }
        all
    }

    #[test]
    fn the_constants_are_what_their_names_say() {
        // 2²⁵⁶ and 2⁵¹² mod p by doubling 1; here the limbs are plain numbers, whose sums are the same.
        let mut power = Field([1, 0, 0, 0]);
        for exponent in 1..=512 {
            power = power.double();
            if exponent == 256 {
                assert_eq!(power, Field::ONE);
            }
        }
        assert_eq!(power, INTO);
        assert_eq!(limbs::add(&INVERSE, &[2, 0, 0, 0]), (P, false));
        let twice = limbs::add(&ROOT, &ROOT).0;
        assert_eq!(limbs::sub(&limbs::add(&twice, &twice).0, &[1, 0, 0, 0]), (P, false));
    }

    #[test]
    fn small_numbers_are_computed_with_as_usual() {
        assert_eq!(small(1), Field::ONE);
        assert_eq!((small(6) * small(7)).number(), [42, 0, 0, 0]);
        assert_eq!((small(3) - small(5)).number(), limbs::sub(&P, &[2, 0, 0, 0]).0);
        assert_eq!(last() + small(1), Field::ZERO);
        assert_eq!(last() * last(), Field::ONE);
        assert_eq!(Field::new(&P), None);
    }

    #[test]
    fn the_laws_of_a_field_hold() {
        let samples = samples();
        for (i, a) in samples.iter().copied().enumerate() {
            assert_eq!(Field::new(&a.number()), Some(a));
            assert_eq!(a + -a, Field::ZERO);
            let (b, c) =
                (samples[(i * 7 + 1) % samples.len()], samples[(i * 5 + 2) % samples.len()]);
            assert_eq!(a * b, b * a);
            assert_eq!(a * (b - c), a * b - a * c, "{a:?} {b:?} {c:?}");
            assert_eq!((a + b).square(), a.square() + (a * b).double() + b.square());
            assert_eq!(a * a.inverse(), if a.is_zero() { Field::ZERO } else { Field::ONE });
        }
    }

    #[test]
    fn of_a_number_and_its_negative_one_has_a_root() {
        for a in samples().into_iter().filter(|a| !a.is_zero()) {
            assert_eq!(a.square().square_root().map(Field::square), Some(a.square()));
            assert_ne!(a.square_root().is_some(), (-a).square_root().is_some());
        }
        assert_eq!(Field::ZERO.square_root(), Some(Field::ZERO));
    }
}
