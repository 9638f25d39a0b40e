//! Registers that money depends on, kept per person and effective-dated: insured, entitlement (备案), benefit, proxy, in hand.
//!
//! One entry is one period `[from, to)` of one fact about one person. Entries are made by the insurance agency, by import, or by a
//! settlement (what is in hand), and end early by ending them; nothing is erased. Holds no identity: a person is a pseudonym, a
//! proxy a keyed hash. A register that was never loaded for an area says so (`None` of [`Loaded::as_of`]), and a rule that needs
//! it holds instead of refusing (DESIGN §3 "Registers"). Serves BEN-01, BEN-06, DC-03, DC-04, RTE-02, RX-16, RX-19.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::Id;
use crate::institution::{InstitutionId, PoolingArea};
use crate::moment::Moment;
use crate::money::Quantity;
use crate::prescription::{InsuranceType, PersonId, PrescriptionId, ProductKey};

pub type EntryId = Id<Entry>;

/// One fact about one person for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub person_id: PersonId,
    /// The pooling area whose agency keeps the entry.
    pub area: PoolingArea,
    pub from: NaiveDate,
    /// First day on which it no longer holds.
    pub to: NaiveDate,
    pub content: Content,
}

impl Entry {
    /// Would the two give one question two answers on some day?
    pub fn clashes_with(&self, other: &Entry) -> bool {
        (self.person_id, &self.area) == (other.person_id, &other.area)
            && self.content.is_about_the_same_as(&other.content)
            && self.from < other.to
            && other.from < self.to
    }
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }
}

/// What an entry says. The tag is the name of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "register", rename_all = "snake_case", deny_unknown_fields)]
pub enum Content {
    Insured(Insured),
    Entitlement(Entitlement),
    Benefit(Benefit),
    Proxy(Proxy),
    InHand(InHand),
}

/// The registers by name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    Insured,
    Entitlement,
    Benefit,
    Proxy,
    InHand,
}

impl Content {
    fn is_about_the_same_as(&self, other: &Content) -> bool {
        match (self, other) {
            (Content::Insured(a), Content::Insured(b)) => a.insurance == b.insurance,
            (Content::Entitlement(a), Content::Entitlement(b)) => a.generic_name == b.generic_name,
            (Content::Benefit(a), Content::Benefit(b)) => {
                (a.scheme, &a.disease) == (b.scheme, &b.disease)
            }
            (Content::Proxy(a), Content::Proxy(b)) => a == b,
            // What is in hand adds up.
            _ => false,
        }
    }
    pub fn register(&self) -> Register {
        match self {
            Content::Insured(_) => Register::Insured,
            Content::Entitlement(_) => Register::Entitlement,
            Content::Benefit(_) => Register::Benefit,
            Content::Proxy(_) => Register::Proxy,
            Content::InHand(_) => Register::InHand,
        }
    }
}

/// Insured in the entry's area (BEN-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Insured {
    pub insurance: InsuranceType,
    pub status: InsuredStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InsuredStatus {
    Active,
    /// Within the waiting time after joining.
    Waiting,
    /// Contributions in arrears.
    Suspended,
}

/// 备案 / 待遇资格: one drug for one patient, with those it is fixed to (DC-03, DC-04, RTE-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entitlement {
    /// Generic name as the catalogue prints it.
    pub generic_name: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hospital_id: Option<InstitutionId>,
    /// National code of the responsible doctor.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub doctor: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pharmacy_id: Option<InstitutionId>,
    /// Packages per prescription at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_quantity: Option<Quantity>,
}

/// Registered for a benefit path: a chronic or special disease, or the two-disease scheme (BEN-06..08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    pub scheme: Scheme,
    /// ICD-10 医保版 code, or the area's own code of a chronic disease.
    pub disease: Box<str>,
    /// Where the benefit is paid, as the patient picked; empty: everywhere.
    #[serde(default)]
    pub institutions: Vec<InstitutionId>,
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// 门诊慢特病.
    Chronic,
    /// 两病: hypertension.
    Hypertension,
    /// 两病: diabetes.
    Diabetes,
}

/// Somebody who may act for the person: only the keyed hash of the certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Keyed hash in hexadecimal.
    pub identity_hash: Box<str>,
}

/// What a settlement left in the person's hands: the period is that which the drug lasts (RX-19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InHand {
    pub generic_name: Box<str>,
    #[schema(value_type = String)]
    pub product_key: ProductKey,
    pub prescription_id: PrescriptionId,
}

/// Which registers are loaded, per area, and as of when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded(BTreeMap<(PoolingArea, Register), Moment>);

impl Loaded {
    pub fn new(of: impl IntoIterator<Item = ((PoolingArea, Register), Moment)>) -> Loaded {
        Loaded(of.into_iter().collect())
    }
    /// When the area's register was last loaded; `None`: never, so that nothing can be concluded from its silence.
    pub fn as_of(&self, area: &PoolingArea, register: Register) -> Option<Moment> {
        self.0.get(&(area.clone(), register)).copied()
    }
}

/// The entries of one person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entries<'a>(pub &'a [Entry]);

impl<'a> Entries<'a> {
    /// Those that agencies keep whose word counts: another area's agency cannot grant what this fund pays.
    pub fn kept_by(self, counts: impl Fn(&PoolingArea) -> bool) -> Vec<Entry> {
        self.0.iter().filter(|entry| counts(&entry.area)).cloned().collect()
    }
    pub fn on(self, day: NaiveDate) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(move |entry| entry.holds_on(day))
    }
    pub fn insured(self, day: NaiveDate) -> impl Iterator<Item = (&'a Entry, &'a Insured)> {
        self.on(day).filter_map(|entry| match &entry.content {
            Content::Insured(insured) => Some((entry, insured)),
            _ => None,
        })
    }
    pub fn entitlements(
        self,
        day: NaiveDate,
    ) -> impl Iterator<Item = (&'a Entry, &'a Entitlement)> {
        self.on(day).filter_map(|entry| match &entry.content {
            Content::Entitlement(entitlement) => Some((entry, entitlement)),
            _ => None,
        })
    }
    pub fn benefits(self, day: NaiveDate) -> impl Iterator<Item = (&'a Entry, &'a Benefit)> {
        self.on(day).filter_map(|entry| match &entry.content {
            Content::Benefit(benefit) => Some((entry, benefit)),
            _ => None,
        })
    }
    pub fn is_proxy(self, identity_hash: &str, day: NaiveDate) -> bool {
        self.on(day).any(|entry| match &entry.content {
            Content::Proxy(proxy) => &*proxy.identity_hash == identity_hash,
            _ => false,
        })
    }
    pub fn in_hand(self, day: NaiveDate) -> impl Iterator<Item = (&'a Entry, &'a InHand)> {
        self.on(day).filter_map(|entry| match &entry.content {
            Content::InHand(supply) => Some((entry, supply)),
            _ => None,
        })
    }
}
