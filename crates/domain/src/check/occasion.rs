//! On what occasion the rules are asked, and the little of it that most of them want to know.
//!
//! Knows no rule.

use chrono::NaiveDate;

use crate::catalogue::names;
use crate::institution::{Institution, Level};
use crate::knowledge::Knowledge;
use crate::moment::Moment;
use crate::prescription::{Facts, Line};
use crate::region::{Path, Region};
use crate::register::{Entries, Register};

/// Which prescription, whose, issued and sold by whom, on which day, by which policy.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    pub facts: &'a Facts,
    /// Who issued it; none: no longer in the registry.
    pub issuer: Option<&'a Institution>,
    /// The pharmacy that sells; none: not chosen yet.
    pub seller: Option<&'a Institution>,
    /// What the registers say of the person; none: they are not looked at, and no rule that needs them is judged.
    pub person: Option<Entries<'a>>,
    pub region: &'a Region,
    pub knowledge: &'a Knowledge,
    pub day: NaiveDate,
}

impl<'a> Occasion<'a> {
    /// Rule: RTE-05 — A person of another area has the benefits of the place of insurance
    pub fn benefit_region(&self) -> Option<&'a Region> {
        let Facts { insured_area, insurance, .. } = self.facts;
        match self.region.pools_with(insured_area, *insurance) {
            true => Some(self.region),
            false => self.knowledge.region(insured_area, self.day).or(Some(self.region)),
        }
    }
    /// Whose level the terms of a path go by.
    ///
    /// A registered disease goes by the level of who treats it (BEN-06).
    ///
    /// Rule: BEN-02 — A pharmacy has the terms of the grass-roots institutions
    pub fn benefit_level(&self, path: Option<Path>) -> Level {
        match path {
            Some(Path::TwoDisease | Path::ChronicSpecial) => {
                self.issuer.map_or(Level::Third, |one| one.level)
            }
            _ => Level::Grassroots,
        }
    }

    /// When a register of the insured person's area, or of this one, was last loaded; `None`: never.
    pub fn as_of(&self, register: Register) -> Option<Moment> {
        let loaded = &self.knowledge.registry.loaded;
        let theirs = loaded.as_of(&self.facts.insured_area, register);
        theirs.or_else(|| loaded.as_of(&self.region.area, register))
    }
}

/// Is it the drug of the line, as registers name drugs: by generic name?
pub(super) fn is_drug_of(line: &Line, generic_name: &str) -> bool {
    names::normal(generic_name) == names::normal(&line.generic_name)
}
