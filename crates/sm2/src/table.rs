//! Multiples of one point kept, so that k times it is a few sums: the signed comb.
//!
//! k is written as Σ ±2ⁱ without a zero digit (`scalar::Signs`). The digits stand in rows: `COLUMNS` digits make a tooth,
//! `TEETH` teeth a block, `BLOCKS` blocks the number. All teeth of a block are read in the same column at once: their signs
//! choose one point of the block's table, which holds every sum ±P₀ ± P₁ … + P_last of the points to which the teeth
//! belong, Pᵢ = 2^(COLUMNS·i)·P. The last sign can always be plus, because a table with its opposite would hold only opposite
//! points; when it is a minus the opposite of the entry is taken. From the last column to the first, with one doubling
//! between them, everything is added up: `BLOCKS·COLUMNS` sums and `COLUMNS − 1` doublings for a table of
//! `BLOCKS·2^(TEETH−1)` points of 64 bytes.
//!
//! No entry is infinity, for any point P: an entry is 2ʲ·m·P with m odd (only P₀ has an odd factor) and 0 < m < n, and n is
//! prime and the order of P.

use crate::point::{Affine, Jacobian, normalised};
use crate::scalar::{FEWEST, Scalar, Signs};

/// The multiples of one point that a signed comb needs.
pub struct Comb<const TEETH: usize, const BLOCKS: usize, const COLUMNS: usize> {
    /// Block by block. Bit i of an index within a block: tooth i has the sign of the last tooth.
    points: Box<[Affine]>,
}

impl<const TEETH: usize, const BLOCKS: usize, const COLUMNS: usize> Comb<TEETH, BLOCKS, COLUMNS> {
    const DIGITS: usize = TEETH * BLOCKS * COLUMNS;
    /// Points of a block.
    const ENTRIES: usize = 1 << (TEETH - 1);
    /// Bytes of the table.
    pub const BYTES: usize = BLOCKS * Self::ENTRIES * size_of::<Affine>();

    pub fn new(point: Affine) -> Self {
        const { assert!(Self::DIGITS >= FEWEST && Self::DIGITS <= 320) };
        // For each tooth its Pᵢ and twice it.
        let mut bases = Vec::with_capacity(2 * TEETH * BLOCKS);
        let mut base = Jacobian::from(point);
        for _ in 0..TEETH * BLOCKS {
            bases.extend([base, base.double()]);
            base = (0..COLUMNS).fold(base, |base, _| base.double());
        }
        let bases = normalised(&bases);
        let (teeth, _) = bases.as_chunks::<2>();
        let entries: Vec<Jacobian> = teeth.chunks(TEETH).flat_map(entries_of_block).collect();
        Comb { points: normalised(&entries).into() }
    }

    /// `2^(COLUMNS−1)·sum + k·P`: the doublings meet what is already there, so a comb with columns begins with infinity.
    #[inline]
    pub fn add_multiple(&self, k: Scalar, sum: Jacobian) -> Jacobian {
        let signs = Signs::of(k, Self::DIGITS);
        let mut sum = sum;
        for column in (0..COLUMNS).rev() {
            if column + 1 < COLUMNS {
                sum = sum.double();
            }
            for block in 0..BLOCKS {
                sum = sum.plus(&self.chosen(&signs, block, column));
            }
        }
        sum
    }

    /// The sum of one block's teeth in one column.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "below BLOCKS·ENTRIES: `same` has TEETH − 1 bits")]
    fn chosen(&self, signs: &Signs, block: usize, column: usize) -> Affine {
        let plus = |tooth: usize| signs.is_plus(column + COLUMNS * (block * TEETH + tooth));
        let last = plus(TEETH - 1);
        let same = (0..TEETH - 1).fold(0, |same, i| same | usize::from(plus(i) == last) << i);
        let point = self.points[block * Self::ENTRIES + same];
        if last { point } else { -point }
    }
}

/// Every sum ±P₀ ± P₁ … + P_last of one block, each tooth given as Pᵢ and 2Pᵢ: the one with every minus first, then for each
/// tooth all that are there once more with its sign turned.
fn entries_of_block(teeth: &[[Affine; 2]]) -> Vec<Jacobian> {
    let Some(([last, _], others)) = teeth.split_last() else { return Vec::new() };
    let lowest = others.iter().fold(Jacobian::from(*last), |sum, [base, _]| sum.plus(&-*base));
    let mut entries = vec![lowest];
    for [_, twice] in others {
        let turned: Vec<_> = entries.iter().map(|entry| entry.plus(twice)).collect();
        entries.extend(turned);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limbs::{self, Limbs};
    use crate::scalar::N;

    fn multiple(k: &Limbs, point: Affine) -> Jacobian {
        let bits = k.iter().rev().flat_map(|limb| (0..64).rev().map(move |i| limb >> i & 1));
        bits.fold(Jacobian::INFINITY, |sum, bit| {
            let twice = sum.double();
            if bit == 1 { twice.plus(&point) } else { twice }
        })
    }

    fn holds_for<const T: usize, const B: usize, const C: usize>(point: Affine) {
        let comb = Comb::<T, B, C>::new(point);
        assert_eq!(Comb::<T, B, C>::BYTES, comb.points.len() * 64);
        let last = limbs::sub(&N, &[1, 0, 0, 0]).0;
        let mut numbers = vec![
            [1, 0, 0, 0],
            [2, 0, 0, 0],
            [3, 0, 0, 0],
            last,
            limbs::sub(&last, &[1, 0, 0, 0]).0,
        ];
        numbers.extend((0..4).flat_map(|limb| {
            [0, 31, 63].map(|bit| {
                let mut number = [0; 4];
                number[limb] = 1 << bit;
                number
            })
        }));
        numbers.push([
            0x0123_4567_89ab_cdef,
            0xfedc_ba98_7654_3210,
            u64::MAX,
            0x7fff_0000_ffff_0001,
        ]);
        for number in numbers {
            let k = Scalar::of_digest(&limbs::to_bytes(&number));
            let found = comb.add_multiple(k, Jacobian::INFINITY);
            assert_eq!(normalised(&[found]), normalised(&[multiple(&number, point)]), "{number:?}");
        }
    }

    #[test]
    fn a_comb_of_any_shape_gives_the_multiples_of_its_point() {
        let generator = Affine::generator().unwrap();
        let other = normalised(&[multiple(&[0xabcd, 5, 7, 1 << 60], generator)])[0];
        for point in [generator, other] {
            holds_for::<5, 1, 52>(point);
            holds_for::<9, 3, 10>(point);
            holds_for::<8, 33, 1>(point);
            holds_for::<1, 257, 1>(point);
        }
    }

    #[test]
    fn a_comb_of_one_column_adds_to_what_is_there() {
        let generator = Affine::generator().unwrap();
        let comb = Comb::<8, 33, 1>::new(generator);
        let k = Scalar::of_digest(&limbs::to_bytes(&[5, 0, 0, 0]));
        let found = comb.add_multiple(k, Jacobian::from(generator));
        assert_eq!(normalised(&[found]), normalised(&[multiple(&[6, 0, 0, 0], generator)]));
    }
}
