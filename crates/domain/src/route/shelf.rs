//! What each pharmacy says it has of the prescribed products, at what price, and when it said so (RTE-01).
//!
//! Knows stock as reported; does not know whether it is still true: the reader is given its age.

use std::borrow::Cow;

use crate::institution::InstitutionId;
use crate::moment::Moment;
use crate::money::{Quantity, Yuan};
use crate::prescription::{Line, ProductKey};

/// One product on the shelf of one pharmacy, as last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    pub pharmacy_id: InstitutionId,
    pub product_key: ProductKey,
    pub quantity: Quantity,
    pub unit_price: Yuan,
    pub as_of: Moment,
}

/// A prescribed product; lines of the same product are wanted together.
struct Want<'a> {
    key: ProductKey,
    /// `None`: more than any shelf holds.
    quantity: Option<Quantity>,
    lines: Vec<&'a Line>,
}

/// All reported stock, pharmacy by pharmacy.
pub(super) struct Shelves<'a> {
    wants: Vec<Want<'a>>,
    /// Ordered by pharmacy; taken as it is when it comes in that order.
    rows: Cow<'a, [Stock]>,
    /// End of the shelf last asked for: asked for in their order, pharmacies are found without a search.
    at: usize,
}

impl<'a> Shelves<'a> {
    pub fn new(lines: &'a [Line], stock: &'a [Stock]) -> Shelves<'a> {
        let mut rows = Cow::Borrowed(stock);
        if !stock.is_sorted_by_key(|row| row.pharmacy_id) {
            rows.to_mut().sort_by_key(|row| row.pharmacy_id);
        }
        Shelves { wants: wants(lines), rows, at: 0 }
    }

    pub fn of(&mut self, pharmacy: InstitutionId) -> Shelf<'_> {
        let before = |row: &Stock| row.pharmacy_id < pharmacy;
        let (passed, ahead) = self.rows.split_at_checked(self.at).unwrap_or_default();
        let is_next = passed.last().is_none_or(before) && !ahead.first().is_some_and(before);
        let start = if is_next { self.at } else { self.rows.partition_point(before) };
        let from_start = self.rows.get(start..).unwrap_or_default();
        let own = from_start.iter().take_while(|row| row.pharmacy_id == pharmacy).count();
        self.at = start + own;
        Shelf { wants: &self.wants, rows: from_start.get(..own).unwrap_or_default() }
    }
}

fn wants(lines: &[Line]) -> Vec<Want<'_>> {
    let mut wants: Vec<Want<'_>> = Vec::with_capacity(lines.len());
    for line in lines {
        let key = line.product_key();
        match wants.iter_mut().find(|want| want.key == key) {
            Some(want) => {
                want.quantity = want.quantity.and_then(|sum| sum.plus(line.quantity));
                want.lines.push(line);
            }
            None => wants.push(Want { key, quantity: Some(line.quantity), lines: vec![line] }),
        }
    }
    wants
}

/// What one pharmacy has.
pub(super) struct Shelf<'a> {
    wants: &'a [Want<'a>],
    rows: &'a [Stock],
}

impl Shelf<'_> {
    /// The lines that it cannot fill whole, in their order.
    pub fn missing_lines(&self) -> Vec<i32> {
        let missing = self.wants.iter().filter(|want| self.offer(want).is_none());
        let mut numbers: Vec<i32> =
            missing.flat_map(|want| want.lines.iter().map(|line| line.line_no)).collect();
        numbers.sort_unstable();
        numbers
    }
    /// How many lines it cannot fill whole.
    pub fn count_missing(&self) -> usize {
        let missing = self.wants.iter().filter(|want| self.offer(want).is_none());
        missing.map(|want| want.lines.len()).sum()
    }
    /// The price of all lines, each rounded to the fen; `None` unless every line can be filled.
    pub fn total_price(&self) -> Option<Yuan> {
        self.wants.iter().try_fold(Yuan::ZERO, |sum, want| {
            let price = self.offer(want)?.unit_price;
            want.lines.iter().try_fold(sum, |sum, line| sum.plus(price.times(line.quantity)?))
        })
    }
    /// When the oldest of its figures was reported; `None` when it never reported one of these products.
    pub fn as_of(&self) -> Option<Moment> {
        let asked = |row: &&Stock| self.wants.iter().any(|want| want.key == row.product_key);
        self.rows.iter().filter(asked).map(|row| row.as_of).min()
    }
    /// The cheapest entry that has enough of a product.
    fn offer(&self, want: &Want<'_>) -> Option<&Stock> {
        let wanted = want.quantity?;
        let enough = |row: &&Stock| row.quantity >= wanted && row.product_key == want.key;
        self.rows.iter().filter(enough).min_by_key(|row| row.unit_price)
    }
}
