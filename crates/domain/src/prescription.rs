//! A prescription as the doctor issued it: header and lines, immutable from the moment it is accepted.
//!
//! Holds no identity (name and certificate number are sealed elsewhere) and no state (see [`crate::circulation`]).
//! Names follow RULES §4 and the national interface. Serves RX-01..RX-20.

mod circumstance;
mod details;
mod package;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finding::{Finding, Severity};
use crate::id::Id;
use crate::institution::{InstitutionId, PoolingArea};
use crate::moment::Moment;
use crate::money::Quantity;

pub use circumstance::{Circumstances, Excuse, Paper, Referral, SpecialGroup};
pub use details::{Dosing, LineDetails};
pub use package::{Lot, NotALot, NotATraceCode, PackedBox, PackedLine, PackedProduct, TraceCode};

pub type PrescriptionId = Id<Prescription>;
pub type PersonId = Id<Person>;

/// The insured person: a pseudonym here; the identity is sealed in the store.
pub struct Person;

/// Business type (RX-13): 01 visit, 02 internet hospital.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BizType {
    Visit,
    InternetHospital,
}

/// Attribute (RX-13): picks the benefit path.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RxAttribute {
    DualChannel,
    OutpatientPooling,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

/// Kind of insurance; ratios depend on it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum InsuranceType {
    Employee,
    Resident,
}

/// What kind of item a line prescribes (rxItemTypeCode, hospPrepFlag).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Western,
    ChinesePatent,
    DecoctionPiece,
    Granule,
    InstitutionPreparation,
}

/// Legal control of a drug, as the hospital declares it (RX-04, RX-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    #[default]
    None,
    Narcotic,
    PsychotropicOne,
    PsychotropicTwo,
    MedicalToxic,
    Radioactive,
    Precursor,
    Antimicrobial,
}

/// The hospital's approval of a restricted drug (hospApprFlag, CAT-10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// 0: not judged, or no restriction.
    #[default]
    NotNeeded,
    /// 1: the restriction is met.
    Met,
    /// 2: not met; the patient pays.
    NotMet,
}

/// One drug of a prescription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// 1, 2, 3 … in the order of the prescription.
    pub line_no: i32,
    pub kind: ItemKind,
    /// National drug code (medListCodg): 23 characters western, 20 Chinese patent or granule; pieces have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub drug_code: Option<Box<str>>,
    pub generic_name: Box<str>,
    pub dosage_form: Box<str>,
    pub spec: Box<str>,
    /// Packages (boxes, vials); grams for decoction pieces.
    pub quantity: Quantity,
    /// Days that the quantity lasts, 1 to 366.
    pub days: i32,
    #[serde(default)]
    pub approval: Approval,
    #[serde(default)]
    pub control: Control,
    /// What only some lines say; left out where it says nothing.
    #[serde(default, skip_serializing_if = "LineDetails::says_nothing")]
    pub details: LineDetails,
}

impl Line {
    /// What a product must share with the line to stand for it.
    ///
    /// Rule: RX-08 — Prescribed by generic name, form and spec: any maker's product will do
    pub fn product_key(&self) -> ProductKey {
        ProductKey::new(&self.generic_name, &self.dosage_form, &self.spec)
    }
}

/// Generic name + dosage form + spec, normalised (NFKC, no spaces, lower case): the same drug from any maker (RX-08).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProductKey(Box<str>);

impl ProductKey {
    pub fn new(generic_name: &str, dosage_form: &str, spec: &str) -> ProductKey {
        use unicode_normalization::UnicodeNormalization;
        let parts = [generic_name, dosage_form, spec];
        let plain = parts.map(|part| {
            let kept = part.nfkc().filter(|c| !c.is_whitespace());
            kept.flat_map(char::to_lowercase).collect::<String>()
        });
        ProductKey(plain.join("|").into())
    }
    pub fn stored(text: Box<str>) -> ProductKey {
        ProductKey(text)
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the hospital issued, without identities: all that the checks look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The hospital's own number, unique per hospital (RX-09).
    pub hosp_rxno: Box<str>,
    pub biz_type: BizType,
    pub attribute: RxAttribute,
    pub issued_at: Moment,
    pub valid_until: Moment,
    pub emergency: bool,
    pub long_rx: bool,
    /// The patient signed for more than four weeks (RX-03).
    pub long_rx_confirmed: bool,
    /// Written reason for more than the ordinary days (RX-02).
    pub quantity_reason: Option<Box<str>>,
    pub insured_area: PoolingArea,
    pub insurance: InsuranceType,
    pub sex: Sex,
    pub birth_date: NaiveDate,
    /// National codes of the prescribing doctor and of the reviewing hospital pharmacist.
    pub doctor: Box<str>,
    pub reviewer: Box<str>,
    /// ICD-10 医保版 codes, main diagnosis first.
    pub diagnoses: Vec<Box<str>>,
    pub lines: Vec<Line>,
    /// What only some prescriptions say; left out where it says nothing.
    #[serde(default, skip_serializing_if = "Circumstances::says_nothing")]
    pub circumstances: Circumstances,
}

impl Facts {
    /// Age in completed years on a day; 0 before birth.
    pub fn age_on(&self, day: NaiveDate) -> i32 {
        let before_birthday =
            (day.month(), day.day()) < (self.birth_date.month(), self.birth_date.day());
        (day.year() - self.birth_date.year() - i32::from(before_birthday)).max(0)
    }
    pub fn line(&self, line_no: i32) -> Option<&Line> {
        self.lines.iter().find(|line| line.line_no == line_no)
    }
}

/// What the checks concluded, with all that is needed to conclude it again later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub findings: Vec<Finding>,
    /// Edition of the national catalogue used.
    pub edition: Box<str>,
    /// Digests of the catalogue and of the region's policy, and the revision of the rules in the code.
    pub catalogue_digest: Box<str>,
    pub policy_digest: Box<str>,
    pub rules_revision: i32,
}

impl Verdict {
    pub fn is_rejected(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Reject)
    }
    /// Does the patient pay this line alone?
    pub fn is_self_pay(&self, line_no: i32) -> bool {
        self.findings.iter().any(|finding| finding.is_self_pay(line_no))
    }
}

/// An accepted prescription. Nothing in it ever changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prescription {
    pub id: PrescriptionId,
    pub institution_id: InstitutionId,
    pub person_id: PersonId,
    pub pooling_area: PoolingArea,
    pub accepted_at: Moment,
    pub facts: Facts,
    pub verdict: Verdict,
}

impl Prescription {
    /// 医保处方编号, 30 characters: area (6), year and day of the year (5), id (19).
    pub fn hi_rxno(&self) -> String {
        let day = self.accepted_at.civil_date().format("%y%j");
        format!("{}{day}{:019}", self.pooling_area, self.id.raw())
    }
    /// 处方追溯码, 20 digits, printed on the document: a document number, not a secret.
    pub fn rx_trace_code(&self) -> String {
        format!("{:020}", self.id.raw())
    }
}

#[cfg(test)]
mod tests {
    use super::ProductKey;

    // proves: RX-08
    #[test]
    fn the_same_generic_form_and_spec_is_the_same_drug_however_it_is_typed() {
        let key = ProductKey::new("阿托伐他汀钙片", "片剂", "10mg*28片/盒");
        assert_eq!(key, ProductKey::new(" 阿托伐他汀钙片", "片剂 ", "１０MG*28片/盒"));
        assert_ne!(key, ProductKey::new("阿托伐他汀钙片", "片剂", "20mg*28片/盒"));
        assert_ne!(key, ProductKey::new("瑞舒伐他汀钙片", "片剂", "10mg*28片/盒"));
    }
}
