//! Money and quantities as integers, with the one rounding rule of RULES §2.0.
//!
//! Knows: widths of the national interface (amounts 16,2; prices 16,6; quantities 16,4; ratios 5,4).
//! Does not know: who pays. Every step is checked; an overflow is an error, never a wrap.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// Micro-yuan in one yuan.
const MICRO: i64 = 1_000_000;
/// Ten-thousandths in one unit of quantity.
const TEN_THOUSANDTHS: i64 = 10_000;
/// The largest amount taken at the door, in yuan: far above any prescription, far below overflow.
const MAX_YUAN: i64 = 100_000_000;
/// The largest quantity taken at the door, in units.
const MAX_UNITS: i64 = 1_000_000;

/// An amount or a unit price in micro-yuan (1 yuan = 1,000,000).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Yuan(i64);

/// A quantity of packages or units in ten-thousandths (1 box = 10,000).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

/// A share between 0 and 1 with four decimals (0.65 = 65 %).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(i32);

/// Why a number is not money, a quantity or a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    #[error("not a plain decimal number")]
    Malformed,
    #[error("more decimals than the national width allows")]
    TooPrecise,
    #[error("outside the allowed range")]
    OutOfRange,
}

impl Yuan {
    pub const ZERO: Yuan = Yuan(0);

    /// From micro-yuan, as stored in columns that end in `_uyuan`.
    pub const fn from_micro(micro: i64) -> Yuan {
        Yuan(micro)
    }
    /// From fen (0.01 yuan).
    pub const fn from_fen(fen: i64) -> Yuan {
        Yuan(fen * 10_000)
    }
    pub const fn micro(self) -> i64 {
        self.0
    }
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
    pub fn decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 6).normalize()
    }
    /// Sum; `None` when it leaves 64 bits.
    pub fn plus(self, other: Yuan) -> Option<Yuan> {
        self.0.checked_add(other.0).map(Yuan)
    }
    /// Difference; `None` when it leaves 64 bits.
    pub fn minus(self, other: Yuan) -> Option<Yuan> {
        self.0.checked_sub(other.0).map(Yuan)
    }
    /// Never below zero: the room that is left under a cap.
    pub fn above(self, floor: Yuan) -> Yuan {
        Yuan(self.0.saturating_sub(floor.0).max(0))
    }
    pub fn negated(self) -> Yuan {
        Yuan(self.0.saturating_neg())
    }
    /// `r2(price × quantity)`: one money step, rounded half up to the fen (RULES §2.0).
    pub fn times(self, quantity: Quantity) -> Option<Yuan> {
        r2(i128::from(self.0) * i128::from(quantity.0))
    }
    /// `r2(amount × ratio)`: one money step, rounded half up to the fen (RULES §2.0).
    pub fn share(self, ratio: Ratio) -> Option<Yuan> {
        r2(i128::from(self.0) * i128::from(ratio.0))
    }
    /// Sum of many; `None` when it leaves 64 bits.
    pub fn total(amounts: impl IntoIterator<Item = Yuan>) -> Option<Yuan> {
        amounts.into_iter().try_fold(Yuan::ZERO, Yuan::plus)
    }
}

/// Round half up to 0.01: the only place where money is rounded (RULES §2.0; 0.125 → 0.13). `exact` counts ten-thousandths
/// of a micro-yuan, as a product of an amount and a quantity or ratio does; 64 by 64 bits always fit.
fn r2(exact: i128) -> Option<Yuan> {
    const MICRO_PER_FEN: i128 = 10_000;
    const EXACT_PER_FEN: i128 = MICRO_PER_FEN * 10_000;
    let fen = (exact + exact.signum() * (EXACT_PER_FEN / 2)) / EXACT_PER_FEN;
    i64::try_from(fen * MICRO_PER_FEN).ok().map(Yuan)
}

impl Quantity {
    pub const ZERO: Quantity = Quantity(0);

    pub const fn from_ten_thousandths(n: i64) -> Quantity {
        Quantity(n)
    }
    /// A whole number of packages.
    pub const fn whole(units: i64) -> Quantity {
        Quantity(units * TEN_THOUSANDTHS)
    }
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }
    pub fn decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 4).normalize()
    }
    pub fn plus(self, other: Quantity) -> Option<Quantity> {
        self.0.checked_add(other.0).map(Quantity)
    }
    /// The number of whole packages, if it is whole.
    pub fn as_whole(self) -> Option<i64> {
        (self.0 % TEN_THOUSANDTHS == 0).then_some(self.0 / TEN_THOUSANDTHS)
    }
}

impl Ratio {
    pub const ZERO: Ratio = Ratio(0);

    pub const fn from_ten_thousandths(n: i32) -> Ratio {
        Ratio(n)
    }
    pub const fn ten_thousandths(self) -> i32 {
        self.0
    }
    pub fn decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 4).normalize()
    }
}

/// Plain decimal text (`-?digits[.digits]`) scaled to an integer with `places` decimals.
fn scaled(text: &str, places: u32) -> Result<i64, NumberFault> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    if !plain || text.len() > 24 {
        return Err(NumberFault::Malformed);
    }
    let exact = Decimal::from_str(text).map_err(|_| NumberFault::Malformed)?.normalize();
    if exact.scale() > places {
        return Err(NumberFault::TooPrecise);
    }
    let up = 10_i128.checked_pow(places - exact.scale()).ok_or(NumberFault::OutOfRange)?;
    let value = exact.mantissa().checked_mul(up).ok_or(NumberFault::OutOfRange)?;
    i64::try_from(value).map_err(|_| NumberFault::OutOfRange)
}

impl FromStr for Yuan {
    type Err = NumberFault;
    fn from_str(text: &str) -> Result<Yuan, NumberFault> {
        let micro = scaled(text, 6)?;
        if micro.unsigned_abs() > (MAX_YUAN * MICRO).unsigned_abs() {
            return Err(NumberFault::OutOfRange);
        }
        Ok(Yuan(micro))
    }
}

impl FromStr for Quantity {
    type Err = NumberFault;
    /// Quantities are above zero and at most 1,000,000 units.
    fn from_str(text: &str) -> Result<Quantity, NumberFault> {
        let n = scaled(text, 4)?;
        if n <= 0 || n > MAX_UNITS * TEN_THOUSANDTHS {
            return Err(NumberFault::OutOfRange);
        }
        Ok(Quantity(n))
    }
}

impl FromStr for Ratio {
    type Err = NumberFault;
    fn from_str(text: &str) -> Result<Ratio, NumberFault> {
        let n = scaled(text, 4)?;
        if !(0..=TEN_THOUSANDTHS).contains(&n) {
            return Err(NumberFault::OutOfRange);
        }
        i32::try_from(n).map(Ratio).map_err(|_| NumberFault::OutOfRange)
    }
}

impl fmt::Display for Yuan {
    /// At least two decimals, as amounts are written: `18.60`, `0.942857`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = self.decimal();
        write!(f, "{exact:.*}", usize::try_from(exact.scale().max(2)).unwrap_or(2))
    }
}
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.decimal())
    }
}
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.decimal())
    }
}

crate::text_form!(Yuan, "18.60", "Amount in yuan as decimal text, at most 6 decimals");
crate::text_form!(Quantity, "2", "Quantity as decimal text, above 0, at most 4 decimals");
crate::text_form!(Ratio, "0.65", "Share between 0 and 1 as decimal text, at most 4 decimals");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn yuan(text: &str) -> Yuan {
        text.parse().expect("test amount")
    }

    #[test]
    fn half_a_fen_is_rounded_up() {
        let one = Quantity::whole(1);
        assert_eq!(yuan("0.125").times(one), Some(yuan("0.13")));
        assert_eq!(yuan("0.333333").times("1.5".parse().expect("quantity")), Some(yuan("0.5")));
    }

    #[test]
    fn amounts_are_written_with_two_decimals_and_prices_with_up_to_six() {
        assert_eq!(yuan("18.6").to_string(), "18.60");
        assert_eq!(yuan("0.942857").to_string(), "0.942857");
        assert_eq!(yuan("-3").to_string(), "-3.00");
    }

    #[test]
    fn numbers_that_are_no_amounts_are_refused() {
        for (text, fault) in [
            ("1e3", NumberFault::Malformed),
            ("", NumberFault::Malformed),
            ("1.2345678", NumberFault::TooPrecise),
            ("100000001", NumberFault::OutOfRange),
        ] {
            assert_eq!(text.parse::<Yuan>(), Err(fault), "{text}");
        }
        assert_eq!("-1".parse::<Quantity>(), Err(NumberFault::OutOfRange));
        assert_eq!("0".parse::<Quantity>(), Err(NumberFault::OutOfRange));
        assert_eq!("1.0001".parse::<Ratio>(), Err(NumberFault::OutOfRange));
    }

    proptest! {
        #[test]
        fn a_money_step_is_the_exact_product_rounded_once(micro: i64, units: i64) {
            use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
            let (micro, units) = (micro / 100_000, units / 1_000_000);
            let (price, quantity) = (Yuan(micro), Quantity(units));
            let exact = (price.decimal() * quantity.decimal())
                .round_dp_with_strategy(2, MidpointAwayFromZero);
            let fits = exact.abs() <= Yuan(i64::MAX).decimal();
            prop_assert_eq!(price.times(quantity).map(Yuan::decimal), fits.then(|| exact.normalize()));
        }

        #[test]
        fn what_is_written_reads_back(micro in -100_000_000_000_000_i64..100_000_000_000_000) {
            let amount = Yuan::from_micro(micro);
            prop_assert_eq!(amount.to_string().parse::<Yuan>(), Ok(amount));
        }

        #[test]
        fn a_share_and_its_rest_close(fen in 0_i64..10_000_000_000, ratio in 0_i32..=10_000) {
            let whole = Yuan::from_fen(fen);
            let part = whole.share(Ratio::from_ten_thousandths(ratio)).expect("in range");
            let rest = whole.minus(part).expect("in range");
            prop_assert!(part <= whole);
            prop_assert_eq!(part.plus(rest), Some(whole));
        }
    }
}
