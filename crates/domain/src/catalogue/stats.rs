//! Counts of what is loaded, to be held against the official totals.
//!
//! Serves CAT-01. A drug is counted once: rows of a further form (★) are not. `western` are the
//! western part with the negotiated and bid western drugs, `chinese_patent` likewise, so that
//! `drugs` is their sum as the notice counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::Catalogue;
use super::edition::Edition;
use super::item::{Item, Knowledge, Part};
use super::restriction::Restriction;

/// `rxgate catalogue stats --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    pub editions: BTreeMap<Arc<str>, EditionStats>,
    /// Ethnic medicines, over all editions.
    pub ethnic: usize,
    pub icd10: usize,
    /// Limits published for single codes.
    pub national_code_limits: usize,
    /// Distinct codes that have such limits.
    pub national_codes: usize,
    /// Selected bids of volume-based procurement.
    pub vbp_prices: usize,
    /// Codes of ICD-10 国临版 2.0 that 医保版 writes otherwise.
    pub clinical_diagnoses: usize,
    /// Provinces, prefectures, counties and townships.
    pub divisions: usize,
    /// Drugs of the commercial-insurance list.
    pub commercial_drugs: usize,
    /// Items and dual-channel drugs that provinces list themselves.
    pub local_items: usize,
    pub dual_channel_drugs: usize,
    pub products: usize,
    /// Names with an ATC code, and pairs of substances or classes that interact.
    pub atc_names: usize,
    pub interactions: usize,
    pub restrictions: RestrictionStats,
}

/// Distinct texts of restrictions over all editions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RestrictionStats {
    pub texts: usize,
    /// Every word understood.
    pub parsed_whole: usize,
    /// Some conditions found, and more is asked.
    pub parsed_partly: usize,
    /// Shown verbatim.
    pub unparsed: usize,
    /// Compared with the text by a person.
    pub reviewed: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EditionStats {
    /// Drugs that the data has: `western` + `chinese_patent`.
    pub drugs: usize,
    /// The number that the notice announces.
    pub official_drugs: usize,
    pub western: usize,
    pub chinese_patent: usize,
    /// Of these, within an agreement: negotiated and bid.
    pub negotiated: usize,
    /// Payable decoction pieces in the list that is used for this edition.
    pub decoction_pieces: usize,
    /// Rows whose being listed, or whose restriction, is carried over from the edition before.
    pub carried: usize,
    /// Drugs of the edition that the data does not have, and decoction pieces taken from another
    /// edition.
    pub unknown: usize,
}

pub(super) fn count(catalogue: &Catalogue) -> Stats {
    let editions = catalogue.editions.iter().zip(&catalogue.official_drugs);
    Stats {
        editions: editions
            .map(|(e, official)| (e.id.clone(), count_edition(e, *official)))
            .collect(),
        ethnic: catalogue.ethnic,
        icd10: catalogue.diagnoses.len().0,
        national_code_limits: catalogue.codes.iter().map(|code| code.limits.len()).sum(),
        national_codes: catalogue.codes.len(),
        vbp_prices: catalogue.vbp.len(true),
        clinical_diagnoses: catalogue.diagnoses.len().1,
        divisions: catalogue.divisions.len(),
        commercial_drugs: catalogue.commercial.len(),
        local_items: catalogue.provinces.len().0,
        dual_channel_drugs: catalogue.provinces.len().1,
        products: catalogue.products.len(),
        atc_names: catalogue.interactions.len().0,
        interactions: catalogue.interactions.len().1,
        restrictions: count_restrictions(catalogue),
    }
}

fn count_restrictions(catalogue: &Catalogue) -> RestrictionStats {
    let items = catalogue.editions.iter().flat_map(|edition| &edition.items);
    let texts: BTreeMap<&str, &Restriction> =
        items.filter_map(|item| item.restriction.as_ref()).map(|one| (&*one.text, one)).collect();
    let mut stats = RestrictionStats { texts: texts.len(), ..RestrictionStats::default() };
    for restriction in texts.values() {
        let conditions = restriction.conditions.as_ref();
        let whole = conditions.is_some_and(|conditions| conditions.is_whole());
        stats.reviewed += usize::from(conditions.is_some_and(|conditions| conditions.reviewed));
        stats.parsed_whole += usize::from(whole);
        stats.unparsed += usize::from(restriction.is_unparsed());
        stats.parsed_partly += usize::from(!whole && !restriction.is_unparsed());
    }
    stats
}

fn count_edition(edition: &Edition, official: u32) -> EditionStats {
    let mut stats = EditionStats {
        official_drugs: usize::try_from(official).unwrap_or(usize::MAX),
        ..EditionStats::default()
    };
    let mut pieces_elsewhere = 0;
    for item in edition.items.iter().filter(|item| is_printed(item)) {
        let is_carried = [item.listing, item.restriction_known].contains(&Knowledge::Carried);
        stats.carried += usize::from(is_carried);
        if item.part == Part::DecoctionPiece {
            stats.decoction_pieces += usize::from(!item.excluded);
            pieces_elsewhere += usize::from(is_carried && !item.excluded);
        } else if !item.is_further_form {
            stats.western += usize::from(item.part.is_western());
            stats.chinese_patent += usize::from(item.part.is_chinese_patent());
            stats.negotiated += usize::from(item.part.is_negotiated());
        }
    }
    stats.drugs = stats.western + stats.chinese_patent;
    stats.unknown = stats.official_drugs.saturating_sub(stats.drugs) + pieces_elsewhere;
    stats
}

/// Drugs in transition, and those whose being listed is unknown, are no drugs of the edition.
fn is_printed(item: &Item) -> bool {
    item.transition_until.is_none() && item.listing != Knowledge::Unknown
}
