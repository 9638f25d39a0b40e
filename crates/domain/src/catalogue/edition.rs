//! One edition of the national drug list, and how a prescribed name finds its row.
//!
//! Serves RULES CAT-01, RX-08. The ladder is conservative (see [`Edition::find`]): it answers with
//! one item, with "several, and they are paid differently", or with nothing. It never guesses.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use super::forms::{Form, Forms, Stripped};
use super::item::{Item, Part};
use super::{names, substance};

/// An edition: `valid_from` to the day before `valid_to` (open end: `None`).
#[derive(Debug)]
pub struct Edition {
    pub id: Arc<str>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub(super) items: Vec<Item>,
    pub(super) by_name: HashMap<Box<str>, Vec<u32>>,
    pub(super) forms: Arc<Forms>,
    pub(super) incomplete: Vec<Part>,
}

/// The rung of the ladder on which a name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Exact,
    FormStripped,
    SaltStripped,
}

/// The one item that a name means, and how it was found.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'a> {
    pub item: &'a Item,
    pub by: By,
}

/// The answer to "is this drug in the list?".
#[derive(Clone, Debug)]
pub enum Found<'a> {
    One(Matched<'a>),
    /// The name fits several rows that are paid differently: a person or a better name must decide.
    Ambiguous(Vec<&'a Item>),
    Nothing,
}

impl<'a> Found<'a> {
    pub fn item(&self) -> Option<&'a Item> {
        match self {
            Found::One(matched) => Some(matched.item),
            Found::Ambiguous(_) | Found::Nothing => None,
        }
    }
    /// One item if all would be paid alike; otherwise no choice is made.
    fn of(items: Vec<&'a Item>, by: By) -> Found<'a> {
        match items.split_first() {
            None => Found::Nothing,
            Some((first, rest)) if rest.iter().all(|other| first.is_paid_like(other)) => {
                Found::One(Matched { item: first, by })
            }
            Some(_) => Found::Ambiguous(items),
        }
    }
}

impl Edition {
    /// Finds the row of a generic name, as a prescription writes it, with the dosage form if it
    /// states one.
    ///
    /// 1. `Exact`: the name, or one of the names in a printed row. Rows with a form of their own
    ///    must cover the stated form. An approved name that is printed in full (negotiated drugs,
    ///    Chinese patent medicines, western drugs admitted since 2024) is found on this rung only.
    /// 2. `FormStripped`: the name without its form (`注射用`, `片`, `注射液` …); the row must cover that
    ///    form. A Chinese pill is found without its kind, as general rule 9 says: `六味地黄丸(浓缩丸)`.
    /// 3. `SaltStripped`: also without acid and base, as general rule 7 of the list allows for
    ///    western drugs.
    ///
    /// A stated form that contradicts the form in the name finds nothing. A form that no table
    /// knows is taken as not stated. Several rows count as one if they are paid alike. Decoction
    /// pieces are found when the form says 饮片, or when no drug has the name.
    pub fn find(&self, name: &str, dosage_form: Option<&str>) -> Found<'_> {
        let name = names::normal(name);
        let stated = dosage_form.map(str::trim).filter(|form| !form.is_empty());
        if stated.is_some_and(|form| form.contains("饮片")) {
            return Found::of(self.pieces(&name), By::Exact);
        }
        let stated = stated.and_then(|form| self.forms.of(form));
        let exact = self.find_exact(&name, stated);
        if !matches!(exact, Found::Nothing) {
            return exact;
        }
        if let Some(pill) = names::without_pill_kind(&name) {
            return Found::of(self.drugs(pill, None), By::FormStripped);
        }
        let stripped = self.forms.strip(&name);
        if let (Some(own), Some(stated)) = (stripped.form, stated)
            && own.contradicts(stated)
        {
            return Found::Nothing;
        }
        self.find_generic(&stripped, stripped.form.or(stated))
    }

    fn find_exact(&self, name: &str, form: Option<&Form>) -> Found<'_> {
        if !self.by_name.contains_key(name) {
            return Found::Nothing;
        }
        let drugs = self.drugs(name, form);
        let is_piece = drugs.is_empty() && !self.named(name).any(Item::is_drug);
        Found::of(if is_piece { self.pieces(name) } else { drugs }, By::Exact)
    }

    /// Only rows that print a substance with its form apart may be met by a stripped name.
    fn find_generic(&self, stripped: &Stripped<'_>, form: Option<&Form>) -> Found<'_> {
        let stems = stripped.stems.iter().map(String::as_str);
        let plain = self.generics(stems.map(Cow::Borrowed), form);
        if !plain.is_empty() {
            return Found::of(plain, By::FormStripped);
        }
        let salts = stripped.stems.iter().flat_map(|stem| substance::without_salt(stem));
        Found::of(self.generics(salts, form), By::SaltStripped)
    }

    fn generics<'n>(
        &self,
        stems: impl Iterator<Item = Cow<'n, str>>,
        form: Option<&Form>,
    ) -> Vec<&Item> {
        let mut rows: Vec<&Item> = Vec::new();
        for stem in stems {
            for row in self.named(&stem).filter(|row| row.dosage_form.is_some()) {
                if covers(row, form) && !rows.iter().any(|have| std::ptr::eq(*have, row)) {
                    rows.push(row);
                }
            }
        }
        rows
    }

    fn drugs(&self, name: &str, form: Option<&Form>) -> Vec<&Item> {
        self.named(name).filter(|item| item.is_drug() && covers(item, form)).collect()
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Item> {
        let places = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.items.get(usize::try_from(*place).ok()?))
    }

    fn pieces(&self, name: &str) -> Vec<&Item> {
        self.named(name).filter(|item| item.part == Part::DecoctionPiece).collect()
    }

    /// Whether absence from a part means that the drug is not in it. A name that is nowhere found
    /// in an edition with an incomplete part is unverified, not refused.
    pub fn knows_all_of(&self, part: Part) -> bool {
        !self.incomplete.contains(&part)
    }

    /// All rows, in the order of the files.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    pub fn covers(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day < end)
    }

    pub(super) fn add(&mut self, item: Item) {
        let Ok(place) = u32::try_from(self.items.len()) else { return };
        for name in &item.names {
            self.by_name.entry(name.clone()).or_default().push(place);
        }
        self.items.push(item);
    }
}

fn covers(item: &Item, form: Option<&Form>) -> bool {
    match (&item.dosage_form, form) {
        (Some(printed), Some(form)) => form.is_covered_by(printed),
        _ => true,
    }
}
