//! Whole numbers below 2²⁵⁶ as four limbs of 64 bits, least significant first. Knows no modulus.

pub type Limbs = [u64; 4];

/// The number that 32 bytes write, most significant first.
pub fn from_bytes(bytes: &[u8; 32]) -> Limbs {
    let mut limbs = [0; 4];
    let (chunks, _) = bytes.as_chunks();
    limbs.iter_mut().rev().zip(chunks).for_each(|(limb, chunk)| *limb = u64::from_be_bytes(*chunk));
    limbs
}

pub fn to_bytes(limbs: &Limbs) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (chunks, _) = bytes.as_chunks_mut();
    limbs.iter().rev().zip(chunks).for_each(|(limb, chunk)| *chunk = limb.to_be_bytes());
    bytes
}

/// The sum modulo 2²⁵⁶, and whether it wrapped.
#[inline]
pub fn add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (s0, carry) = a[0].carrying_add(b[0], false);
    let (s1, carry) = a[1].carrying_add(b[1], carry);
    let (s2, carry) = a[2].carrying_add(b[2], carry);
    let (s3, carry) = a[3].carrying_add(b[3], carry);
    ([s0, s1, s2, s3], carry)
}

/// The difference modulo 2²⁵⁶, and whether it wrapped, which is whether `a < b`.
#[inline]
pub fn sub(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (d0, borrow) = a[0].borrowing_sub(b[0], false);
    let (d1, borrow) = a[1].borrowing_sub(b[1], borrow);
    let (d2, borrow) = a[2].borrowing_sub(b[2], borrow);
    let (d3, borrow) = a[3].borrowing_sub(b[3], borrow);
    ([d0, d1, d2, d3], borrow)
}

pub fn is_less(a: &Limbs, b: &Limbs) -> bool {
    sub(a, b).1
}

/// `a + carry·2²⁵⁶` modulo `modulus`, given that it is below twice the modulus: at most one subtraction.
#[inline]
pub fn reduce_once(a: Limbs, carry: bool, modulus: &Limbs) -> Limbs {
    let (reduced, borrow) = sub(&a, modulus);
    // A borrow that the carry does not cover: it was below the modulus.
    choose(borrow & !carry, &a, &reduced)
}

/// `yes` or `no` by a mask: as a branch it would be guessed wrong half of the time, which costs as much as a product.
#[inline]
pub fn choose(condition: bool, yes: &Limbs, no: &Limbs) -> Limbs {
    let mask = u64::from(condition).wrapping_neg();
    let pick = |yes: u64, no: u64| no ^ (mask & (yes ^ no));
    [pick(yes[0], no[0]), pick(yes[1], no[1]), pick(yes[2], no[2]), pick(yes[3], no[3])]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Limbs = [u64::MAX; 4];

    #[test]
    fn bytes_and_limbs_are_the_same_number() {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(1..).for_each(|(byte, value)| *byte = value);
        let limbs = from_bytes(&bytes);
        assert_eq!(limbs[3], 0x0102_0304_0506_0708);
        assert_eq!(limbs[0], 0x191a_1b1c_1d1e_1f20);
        assert_eq!(to_bytes(&limbs), bytes);
    }

    #[test]
    fn carries_run_through_all_limbs() {
        assert_eq!(add(&MOST, &[1, 0, 0, 0]), ([0; 4], true));
        assert_eq!(sub(&[0; 4], &[1, 0, 0, 0]), (MOST, true));
        assert!(is_less(&[u64::MAX, 0, 0, 0], &[0, 1, 0, 0]));
        assert!(!is_less(&MOST, &MOST));
    }

    #[test]
    fn a_reduction_subtracts_the_modulus_once_or_not() {
        let seven = [7, 0, 0, 0];
        assert_eq!(reduce_once([6, 0, 0, 0], false, &seven), [6, 0, 0, 0]);
        assert_eq!(reduce_once(seven, false, &seven), [0; 4]);
        // 2²⁵⁶ + 3 with the modulus 2²⁵⁶ − 1.
        assert_eq!(reduce_once([3, 0, 0, 0], true, &MOST), [4, 0, 0, 0]);
    }
}
