//! `catalogue.toml`: the editions with their validity and the tables with file, completeness and
//! source.
//!
//! Knows no rows. Every table that is loaded is named here, so that absence from an incomplete one
//! is never taken for a refusal (DESIGN §3: `complete = true | false`).

use chrono::NaiveDate;
use serde::Deserialize;

use super::fault::Fault;
use super::item::{Knowledge, Part};

/// The name of the manifest inside the catalogue folder.
pub const MANIFEST: &str = "catalogue.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    #[serde(default, rename = "edition")]
    pub editions: Vec<EditionEntry>,
    #[serde(default, rename = "table")]
    pub tables: Vec<TableEntry>,
    pub vbp: VbpEntry,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EditionEntry {
    pub id: String,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// CAT-03: agreements that ended with the edition before are paid before this day.
    pub transition_until: Option<NaiveDate>,
    /// Number of drugs that the notice announces.
    pub official_drugs: u32,
    #[serde(rename = "source")]
    pub _source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    DosageForms,
    Drugs,
    GroupMembers,
    PaymentStandards,
    DecoctionPieces,
    Ethnic,
    Diagnoses,
    CodeLimits,
    PrefixLimits,
    NameLimits,
    Vbp,
    DiagnosisTerms,
    Restrictions,
    ClinicalDiagnoses,
    Divisions,
    Commercial,
    LocalItems,
    DualChannel,
    Products,
    AtcNames,
    InteractionSubstances,
    InteractionPairs,
}

impl Kind {
    /// Tables of one edition.
    fn needs_edition(self) -> bool {
        use Kind::{DecoctionPieces, Drugs, GroupMembers, PaymentStandards};
        matches!(self, Drugs | GroupMembers | PaymentStandards | DecoctionPieces)
    }
    /// Lists of one province.
    fn needs_province(self) -> bool {
        matches!(self, Kind::LocalItems | Kind::DualChannel)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEntry {
    pub kind: Kind,
    /// For the tables of one edition.
    pub edition: Option<String>,
    /// For the lists of one province: its division code, `540000`.
    pub province: Option<String>,
    pub file: String,
    /// Whether absence from this table means anything.
    pub complete: bool,
    /// `carried` when the file belongs to the edition before.
    #[serde(default = "known")]
    pub listing: Knowledge,
    /// The parts that an incomplete table of drugs should have held in full.
    #[serde(default)]
    pub parts: Vec<Part>,
    #[serde(rename = "source")]
    pub _source: String,
    #[serde(default, rename = "note")]
    pub _note: String,
}

fn known() -> Knowledge {
    Knowledge::Known
}

/// How long a selection price is taken to hold: the sources give no contract end.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VbpEntry {
    pub contract_months: u32,
    pub assumed: bool,
}

impl Manifest {
    pub fn read(bytes: &[u8]) -> Result<Manifest, Vec<Fault>> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| vec![Fault::whole(MANIFEST, "not UTF-8: save the file as UTF-8")])?;
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            let row = u64::try_from(before.lines().count().max(1)).unwrap_or(0);
            vec![Fault::at(MANIFEST, row, "", "", error.message())]
        })?;
        let faults = manifest.faults();
        if faults.is_empty() { Ok(manifest) } else { Err(faults) }
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut say = |column: &str, value: &str, message: &str| {
            faults.push(Fault::at(MANIFEST, 0, column, value, message));
        };
        if self.editions.is_empty() {
            say("edition", "", "no edition: add [[edition]] with id, valid_from, official_drugs");
        }
        for (n, edition) in self.editions.iter().enumerate() {
            if edition.valid_to.is_some_and(|end| end <= edition.valid_from) {
                say("valid_to", &edition.id, "dates reversed: must be after valid_from");
            }
            let next = self.editions.get(n + 1);
            if next.is_some_and(|next| edition.valid_to.is_none_or(|end| next.valid_from < end)) {
                say("valid_to", &edition.id, "validity overlaps the edition that follows");
            }
        }
        for table in &self.tables {
            let known = |id: &String| self.editions.iter().any(|edition| edition.id == *id);
            if table.edition.as_ref().is_some_and(|id| !known(id)) {
                say("edition", &table.file, "names an edition that is not in this file");
            } else if table.kind.needs_edition() != table.edition.is_some() {
                say("edition", &table.file, "belongs to tables of drugs, and to these only");
            }
            if table.kind.needs_province() != table.province.is_some() {
                say("province", &table.file, "belongs to lists of a province, and to these only");
            }
        }
        faults
    }

    pub fn tables_of(
        &self,
        kind: Kind,
        edition: Option<&str>,
    ) -> impl Iterator<Item = &TableEntry> {
        let edition = edition.map(str::to_owned);
        self.tables.iter().filter(move |table| table.kind == kind && table.edition == edition)
    }
}
