//! Interactions between drugs, and one therapy prescribed twice: hints for a pharmacist, never more.
//!
//! Serves RV-06 as `Warn` alone. A Chinese name is led to ATC codes by a table that a machine made,
//! and from there to the substances and classes of the French ANSM thesaurus of October 2020, whose
//! text is kept as evidence. Absence of a hint proves nothing: most names have no code.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::fault::Fault;
use super::forms::Forms;
use super::manifest::TableEntry;
use super::names;
use super::sheet::for_each_row;
use super::substance;

/// How grave the thesaurus calls an interaction, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// Contre-indication.
    Contraindicated,
    /// Association déconseillée.
    NotRecommended,
    /// Précaution d'emploi.
    Precaution,
    /// À prendre en compte.
    TakeIntoAccount,
}

const GRAVITIES: &[(&str, Gravity)] = &[
    ("contraindicated", Gravity::Contraindicated),
    ("not_recommended", Gravity::NotRecommended),
    ("precaution", Gravity::Precaution),
    ("take_into_account", Gravity::TakeIntoAccount),
];

/// How far a statement can be trusted: as far as the weakest step that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// A machine joined the names; nobody reviewed it.
    MachineJoined,
}

/// Two of the names that were asked for interact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interaction<'a> {
    /// Places in the list that was asked for.
    pub one: usize,
    pub other: usize,
    pub gravity: Gravity,
    /// Substance or class as the thesaurus has it.
    pub terms: [&'a str; 2],
    /// What the thesaurus says, in French; may be empty.
    pub text_fr: &'a str,
    pub trust: Trust,
}

/// Two of the names are one therapy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SameTherapy<'a> {
    pub one: usize,
    pub other: usize,
    /// The ATC code of seven characters (same substance) or five (same chemical group) they share.
    pub atc: &'a str,
    pub trust: Trust,
}

#[derive(Debug)]
struct Rule {
    gravity: Gravity,
    text_fr: Box<str>,
}

#[derive(Debug, Default)]
pub(super) struct Interactions {
    atc_by_name: HashMap<Box<str>, Box<[Box<str>]>>,
    /// Substances and classes, by number.
    terms: Vec<Box<str>>,
    by_term: HashMap<Box<str>, u32>,
    /// Terms of each ATC code: its substances and their classes.
    by_atc: HashMap<Box<str>, Vec<u32>>,
    rules: HashMap<(u32, u32), Vec<Rule>>,
}

impl Interactions {
    /// Reads `interactions/names.csv`: names and their ATC codes.
    pub fn names(
        &mut self,
        (table, bytes): (&TableEntry, &[u8]),
        forms: &Forms,
        faults: &mut Vec<Fault>,
    ) {
        for_each_row((&table.file, bytes), &["name", "atc"], faults, |row, faults| {
            let (name, atc) = (row.required("name", faults), row.required("atc", faults));
            let (Some(name), Some(atc)) = (name, atc) else { return };
            let codes: Box<[Box<str>]> = atc.split('|').map(Box::from).collect();
            if !codes.iter().all(|code| is_atc(code)) {
                faults.push(row.fault("atc", "not ATC codes such as B01AC06, | between them"));
                return;
            }
            let name = names::normal(name);
            for stem in forms.strip(&name).stems {
                self.atc_by_name
                    .entry(substance::key(&stem).into())
                    .or_insert_with(|| codes.clone());
            }
            self.atc_by_name.insert(name.into(), codes);
        });
    }

    /// Reads `interactions/substances.csv`: substances with ATC codes and classes.
    pub fn substances(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row(
            (&table.file, bytes),
            &["substance", "atc", "classes"],
            faults,
            |row, faults| {
                let (name, atc) = (row.required("substance", faults), row.required("atc", faults));
                let (Some(name), Some(atc)) = (name, atc) else { return };
                let classes = row.text("classes").split('|').filter(|class| !class.is_empty());
                let terms: Vec<u32> =
                    std::iter::once(name).chain(classes).map(|term| self.term(term)).collect();
                for code in atc.split('|') {
                    if !is_atc(code) {
                        faults.push(
                            row.fault("atc", "not ATC codes such as B01AC06, | between them"),
                        );
                        return;
                    }
                    self.by_atc.entry(code.into()).or_default().extend(&terms);
                }
            },
        );
    }

    /// Reads `interactions/ansm_2020.csv`: pairs of substances or classes.
    pub fn pairs(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row(
            (&table.file, bytes),
            &["one", "other", "level", "text_fr"],
            faults,
            |row, faults| {
                let (one, other) = (row.required("one", faults), row.required("other", faults));
                let gravity = row.one_of("level", GRAVITIES, faults);
                let (Some(one), Some(other), Some(gravity)) = (one, other, gravity) else { return };
                let pair = ordered(self.term(one), self.term(other));
                let text_fr = row.text("text_fr").into();
                self.rules.entry(pair).or_default().push(Rule { gravity, text_fr });
            },
        );
    }

    fn term(&mut self, term: &str) -> u32 {
        if let Some(number) = self.by_term.get(term) {
            return *number;
        }
        let number = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        self.terms.push(term.into());
        self.by_term.insert(term.into(), number);
        number
    }

    /// ATC codes of a generic name, as a prescription writes it; empty when it has none here.
    pub fn atc_of(&self, name: &str, forms: &Forms) -> &[Box<str>] {
        let name = names::normal(name);
        if let Some(codes) = self.atc_by_name.get(&*name) {
            return codes;
        }
        let stems = forms.strip(&name).stems;
        let found = stems.iter().find_map(|stem| {
            self.atc_by_name
                .get(stem.as_str())
                .or_else(|| self.atc_by_name.get(&*substance::key(stem)))
        });
        found.map_or(&[], |codes| codes)
    }

    /// Every pair among `names` that the thesaurus knows, the gravest statement of each.
    pub fn between(&self, names: &[&str], forms: &Forms) -> Vec<Interaction<'_>> {
        let terms: Vec<BTreeSet<u32>> = names
            .iter()
            .map(|name| {
                let codes = self.atc_of(name, forms).iter();
                codes.filter_map(|code| self.by_atc.get(code)).flatten().copied().collect()
            })
            .collect();
        let pairs = pairs(&terms);
        pairs.filter_map(|(one, other)| self.gravest((one.0, other.0), one.1, other.1)).collect()
    }

    fn gravest(
        &self,
        (one, other): (usize, usize),
        ours: &BTreeSet<u32>,
        theirs: &BTreeSet<u32>,
    ) -> Option<Interaction<'_>> {
        let all = ours.iter().flat_map(|a| theirs.iter().map(|b| (*a, *b)));
        let known = all.flat_map(|(a, b)| {
            let rules = self.rules.get(&ordered(a, b)).into_iter().flatten();
            rules.map(move |rule| (rule.gravity, a, b, rule))
        });
        let (gravity, a, b, rule) = known.min_by_key(|(gravity, a, b, _)| (*gravity, *a, *b))?;
        let word = |number: u32| self.terms.get(usize::try_from(number).ok()?).map(|term| &**term);
        let terms = [word(a)?, word(b)?];
        let (text_fr, trust) = (&*rule.text_fr, Trust::MachineJoined);
        Some(Interaction { one, other, gravity, terms, text_fr, trust })
    }

    /// Every pair among `names` that shares a substance, or else a chemical group.
    pub fn same_therapy(&self, names: &[&str], forms: &Forms) -> Vec<SameTherapy<'_>> {
        let codes: Vec<&[Box<str>]> = names.iter().map(|name| self.atc_of(name, forms)).collect();
        let mut found = Vec::new();
        for ((one, ours), (other, theirs)) in pairs(&codes) {
            let shared = |length: usize| {
                ours.iter()
                    .filter_map(|code| code.get(..length))
                    .find(|head| theirs.iter().any(|code| code.get(..length) == Some(head)))
            };
            if let Some(atc) = shared(7).or_else(|| shared(5)) {
                found.push(SameTherapy { one, other, atc, trust: Trust::MachineJoined });
            }
        }
        found
    }

    /// Names with a code, and pairs.
    pub fn len(&self) -> (usize, usize) {
        (self.atc_by_name.len(), self.rules.values().map(Vec::len).sum())
    }
}

fn ordered(one: u32, other: u32) -> (u32, u32) {
    (one.min(other), one.max(other))
}

/// Every two of a list, the earlier first.
fn pairs<T>(all: &[T]) -> impl Iterator<Item = ((usize, &T), (usize, &T))> {
    let each = all.iter().enumerate();
    each.flat_map(move |one| all.iter().enumerate().skip(one.0 + 1).map(move |other| (one, other)))
}

/// Letter, two digits, two letters, two digits.
fn is_atc(code: &str) -> bool {
    let fits = |(at, b): (usize, u8)| match at {
        0 | 3 | 4 => b.is_ascii_uppercase(),
        _ => b.is_ascii_digit(),
    };
    code.len() == 7 && code.bytes().enumerate().all(fits)
}
