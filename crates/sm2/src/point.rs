//! The curve y² = x³ − 3x + b over the field (GB/T 32918.5), its points and their sums.
//!
//! A sum of two points divides, which costs as much as three hundred multiplications. Jacobian coordinates put it off: (X, Y, Z)
//! stands for (X/Z², Y/Z³), and the divisions of any number of points are done together at the end ([`normalised`]), or
//! never. M and S below count products and squares.

use crate::field::{Field, P};
use crate::limbs::{self, Limbs};

const B: Limbs =
    [0xddbc_bd41_4d94_0e93, 0xf397_89f5_15ab_8f92, 0x4d5a_9e4b_cf65_09a7, 0x28e9_fa9e_9d9f_5e34];
const GENERATOR: [Limbs; 2] = [
    [0x715a_4589_334c_74c7, 0x8fe3_0bbf_f266_0be1, 0x5f99_0446_6a39_c994, 0x32c4_ae2c_1f19_8119],
    [0x02df_32e5_2139_f0a0, 0xd0a9_877c_c62a_4740, 0x59bd_cee3_6b69_2153, 0xbc37_36a2_f4f6_779c],
];

/// A point other than infinity, by its coordinates. Aligned to a line of the processor's cache: a look-up in a table
/// touches one line, not two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub struct Affine {
    pub x: Field,
    pub y: Field,
}

impl Affine {
    /// The base point G.
    pub fn generator() -> Option<Affine> {
        let [x, y] = GENERATOR;
        Affine::new(&x, &y)
    }

    /// The point with these coordinates, if it lies on the curve. Every point of the curve is in the group: the cofactor is 1.
    pub fn new(x: &Limbs, y: &Limbs) -> Option<Affine> {
        let (x, y) = (Field::new(x)?, Field::new(y)?);
        (y.square() == right_side(x)?).then_some(Affine { x, y })
    }

    /// The point with this x whose y is odd or even, if there is one.
    pub fn with_x(x: &Limbs, odd: bool) -> Option<Affine> {
        let x = Field::new(x)?;
        let y = right_side(x)?.square_root()?;
        let is_odd = y.number()[0] & 1 == 1;
        // y = 0 would be a point of order 2, and n is an odd prime: both parities exist.
        Some(Affine { x, y: if is_odd == odd { y } else { -y } })
    }
}

impl std::ops::Neg for Affine {
    type Output = Affine;
    #[inline]
    fn neg(self) -> Affine {
        Affine { x: self.x, y: -self.y }
    }
}

/// x³ − 3x + b
fn right_side(x: Field) -> Option<Field> {
    let three = Field::ONE.double() + Field::ONE;
    Some((x.square() - three) * x + Field::new(&B)?)
}

/// Any point, as (X/Z², Y/Z³); infinity has Z = 0.
#[derive(Clone, Copy, Debug)]
pub struct Jacobian {
    pub x: Field,
    pub y: Field,
    pub z: Field,
}

impl From<Affine> for Jacobian {
    fn from(point: Affine) -> Jacobian {
        Jacobian { x: point.x, y: point.y, z: Field::ONE }
    }
}

impl Jacobian {
    pub const INFINITY: Jacobian = Jacobian { x: Field::ONE, y: Field::ONE, z: Field::ZERO };

    pub fn is_infinity(&self) -> bool {
        self.z.is_zero()
    }

    /// 2P, 3M + 5S. The tangent's slope is 3(x² − 1)/2y, and x² − 1 splits into two factors because a = −3. Infinity
    /// stays infinity.
    #[inline]
    pub fn double(&self) -> Jacobian {
        let zz = self.z.square();
        let yy = self.y.square();
        let xyy = self.x * yy;
        let slope = (self.x - zz) * (self.x + zz);
        let slope = slope.double() + slope;
        let four_xyy = xyy.double().double();
        let x = slope.square() - four_xyy.double();
        let eight_y4 = yy.double().square().double();
        Jacobian {
            x,
            y: slope * (four_xyy - x) - eight_y4,
            z: (self.y + self.z).square() - yy - zz,
        }
    }

    /// P + Q, 8M + 3S. The formula of the secant is for points with different x; the others are told apart first.
    #[inline]
    pub fn plus(&self, other: &Affine) -> Jacobian {
        if self.is_infinity() {
            return Jacobian::from(*other);
        }
        let zz = self.z.square();
        let dx = other.x * zz - self.x;
        let dy = other.y * (zz * self.z) - self.y;
        if dx.is_zero() {
            // The same point, or opposite ones.
            return if dy.is_zero() { self.double() } else { Jacobian::INFINITY };
        }
        let dx2 = dx.square();
        let dx3 = dx2 * dx;
        let v = self.x * dx2;
        let x = dy.square() - dx3 - v.double();
        Jacobian { x, y: dy * (v - x) - self.y * dx3, z: self.z * dx }
    }

    /// Whether the x-coordinate is the given number. X/Z² = x is asked as X = x·Z², which needs no inversion.
    pub fn has_x(&self, x: &Limbs) -> bool {
        !self.is_infinity() && Field::new(x).is_some_and(|x| x * self.z.square() == self.x)
    }
}

/// The coordinates of points other than infinity, all by one inversion: 1/z₁ = (1/(z₁z₂))·z₂, and so on for any number.
pub fn normalised(points: &[Jacobian]) -> Vec<Affine> {
    let mut product = Field::ONE;
    let mut before = Vec::with_capacity(points.len());
    for point in points {
        before.push(product);
        product = product * point.z;
    }
    let mut inverse = product.inverse();
    let mut affine: Vec<Affine> = points
        .iter()
        .zip(before)
        .rev()
        .map(|(point, before)| {
            let z = inverse * before;
            inverse = inverse * point.z;
            let zz = z.square();
            Affine { x: point.x * zz, y: point.y * (zz * z) }
        })
        .collect();
    affine.reverse();
    affine
}

/// a, b and the base point's x and y: the curve as it goes into Z, the digest of a signer (GB/T 32918.2, 5.5).
pub fn parameters() -> [[u8; 32]; 4] {
    let [x, y] = GENERATOR;
    // a = −3
    [limbs::sub(&P, &[3, 0, 0, 0]).0, B, x, y].map(|number| limbs::to_bytes(&number))
}

/// The coordinates of a point as bytes, x then y.
pub fn to_bytes(point: &Affine) -> [[u8; 32]; 2] {
    [limbs::to_bytes(&point.x.number()), limbs::to_bytes(&point.y.number())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::N;

    fn generator() -> Affine {
        Affine::generator().unwrap()
    }

    fn multiple(k: &Limbs, point: Affine) -> Jacobian {
        let bits = k.iter().rev().flat_map(|limb| (0..64).rev().map(move |i| limb >> i & 1));
        bits.fold(Jacobian::INFINITY, |sum, bit| {
            let twice = sum.double();
            if bit == 1 { twice.plus(&point) } else { twice }
        })
    }

    fn same(one: &Jacobian, other: &Affine) -> bool {
        normalised(&[*one])[0] == *other
    }

    #[test]
    fn n_times_the_base_point_is_infinity_and_no_less() {
        let g = generator();
        assert!(multiple(&N, g).is_infinity());
        assert!(same(&multiple(&limbs::sub(&N, &[1, 0, 0, 0]).0, g), &-g));
        assert!(!multiple(&[2, 0, 0, 0], g).is_infinity());
    }

    #[test]
    fn sums_are_right_where_the_secant_does_not_exist() {
        let g = generator();
        let twice = Jacobian::from(g).double();
        let same_twice = Jacobian::from(g).plus(&g);
        assert_eq!(normalised(&[twice]), normalised(&[same_twice]));
        assert!(Jacobian::from(g).plus(&-g).is_infinity());
        assert!(same(&Jacobian::INFINITY.plus(&g), &g));
        assert!(Jacobian::INFINITY.double().is_infinity());
        // The same with a Z other than 1.
        let three = twice.plus(&g);
        let three_affine = normalised(&[three])[0];
        assert!(three.plus(&-three_affine).is_infinity());
        assert_eq!(normalised(&[three.plus(&three_affine)]), normalised(&[three.double()]));
    }

    #[test]
    fn many_points_are_normalised_as_each_alone() {
        let g = generator();
        let points: Vec<_> = (1..9).map(|k| multiple(&[k, 0, 0, 0], g)).collect();
        let alone: Vec<_> = points.iter().flat_map(|point| normalised(&[*point])).collect();
        assert_eq!(normalised(&points), alone);
        assert!(normalised(&[]).is_empty());
        for point in alone {
            assert_eq!(Affine::new(&point.x.number(), &point.y.number()), Some(point));
        }
    }

    #[test]
    fn a_point_is_found_by_its_x_and_the_parity_of_its_y() {
        let g = generator();
        let [x, y] = GENERATOR;
        assert_eq!(Affine::with_x(&x, y[0] & 1 == 1), Some(g));
        assert_eq!(Affine::with_x(&x, y[0] & 1 == 0), Some(-g));
        assert_eq!(Affine::new(&x, &x), None);
        let without = (0..20).filter(|x| Affine::with_x(&[*x, 0, 0, 0], true).is_none()).count();
        assert!(without > 0, "half of all x have no point");
    }
}
