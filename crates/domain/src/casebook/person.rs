//! What the registers say of the patient of a case, and of those who sign.
//!
//! Synthetic people: a doctor and a pharmacist of the hospital, one of the pharmacy, one of its head office.

use chrono::NaiveDate;
use serde::Deserialize;

use super::place::{HEAD_OFFICE, HOSPITAL, PHARMACY};
use crate::id::Id;
use crate::institution::{EligibilityStatus, Ineligible, PoolingArea, Practitioner, Profession};
use crate::money::Quantity;
use crate::prescription::{InsuranceType, ProductKey};
use crate::register::{
    Benefit, Content, Entitlement, Entry, InHand, Insured, InsuredStatus, Proxy, Register, Scheme,
};

pub const DOCTOR: &str = "D540000000001";
pub const PHARMACIST: &str = "Y540000000001";
pub const SHOP_PHARMACIST: &str = "Y540000000002";
pub const OFFICE_PHARMACIST: &str = "Y540000000003";

/// One entry of a register: exactly one of the first five members, and what matters of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    insured: Option<InsuredStatus>,
    /// Generic name.
    entitled: Option<String>,
    benefit: Option<Scheme>,
    /// Generic name.
    in_hand: Option<String>,
    /// Keyed hash.
    proxy: Option<String>,
    insurance: Option<InsuranceType>,
    area: Option<PoolingArea>,
    hospital: Option<i64>,
    doctor: Option<String>,
    pharmacy: Option<i64>,
    max: Option<Quantity>,
    disease: Option<String>,
    #[serde(default)]
    places: Vec<i64>,
    #[serde(default = "long_ago")]
    from: NaiveDate,
    #[serde(default = "far_ahead")]
    to: NaiveDate,
}

fn long_ago() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 7, 1).unwrap_or_default()
}
fn far_ahead() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, 1).unwrap_or_default()
}

impl Registered {
    /// Refused: none of the five members.
    pub fn build(&self, area: &PoolingArea, insurance: InsuranceType) -> Result<Entry, String> {
        let content = self.content(insurance).ok_or_else(|| {
            "an entry is one of insured, entitled, benefit, in_hand, proxy".to_owned()
        })?;
        Ok(Entry {
            id: Id::new(1),
            person_id: Id::new(1),
            area: self.area.as_ref().unwrap_or(area).clone(),
            from: self.from,
            to: self.to,
            content,
        })
    }

    fn content(&self, insurance: InsuranceType) -> Option<Content> {
        if let Some(status) = self.insured {
            let insurance = self.insurance.unwrap_or(insurance);
            return Some(Content::Insured(Insured { insurance, status }));
        }
        if let Some(drug) = &self.entitled {
            return Some(Content::Entitlement(Entitlement {
                generic_name: drug.as_str().into(),
                hospital_id: self.hospital.map(Id::new),
                doctor: self.doctor.as_deref().map(Box::from),
                pharmacy_id: self.pharmacy.map(Id::new),
                max_quantity: self.max,
            }));
        }
        if let Some(scheme) = self.benefit {
            let disease = self.disease.as_deref().unwrap_or("I10.x00").into();
            let institutions = self.places.iter().copied().map(Id::new).collect();
            return Some(Content::Benefit(Benefit { scheme, disease, institutions }));
        }
        if let Some(drug) = &self.in_hand {
            return Some(Content::InHand(InHand {
                generic_name: drug.as_str().into(),
                product_key: ProductKey::new(drug, "", ""),
                prescription_id: Id::new(99),
            }));
        }
        let identity_hash = self.proxy.as_deref()?.into();
        Some(Content::Proxy(Proxy { identity_hash }))
    }
}

/// A period in which somebody's payment eligibility is suspended.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspended {
    pub who: String,
    pub from: NaiveDate,
    #[serde(default = "far_ahead")]
    pub to: NaiveDate,
    #[serde(default = "suspended")]
    pub status: EligibilityStatus,
    /// Decided where the person is registered too: another institution.
    #[serde(default)]
    pub elsewhere: bool,
}

fn suspended() -> EligibilityStatus {
    EligibilityStatus::Suspended
}

/// Everybody of the case.
pub fn people(suspended: &[Suspended]) -> Vec<Practitioner> {
    let person = |at: i64, code: &str, profession| Practitioner {
        institution_id: Id::new(at),
        code: code.into(),
        profession,
        from: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap_or_default(),
        to: NaiveDate::from_ymd_opt(2040, 1, 1).unwrap_or_default(),
        ineligible: Vec::new(),
    };
    let mut people = vec![
        person(HOSPITAL, DOCTOR, Profession::Doctor),
        person(HOSPITAL, PHARMACIST, Profession::Pharmacist),
        person(PHARMACY, SHOP_PHARMACIST, Profession::Pharmacist),
        person(HEAD_OFFICE, OFFICE_PHARMACIST, Profession::Pharmacist),
    ];
    for one in suspended {
        let Suspended { from, to, status, .. } = *one;
        let period = Ineligible { from, to, status };
        let known = people.iter().find(|person| *person.code == *one.who).cloned();
        if let (true, Some(known)) = (one.elsewhere, known) {
            let other = Id::new(HEAD_OFFICE + 1);
            people.push(Practitioner { institution_id: other, ineligible: vec![period], ..known });
        } else if let Some(person) = people.iter_mut().find(|person| *person.code == *one.who) {
            person.ineligible.push(period);
        }
    }
    people
}

/// The registers by name.
pub fn register(name: &str) -> Option<Register> {
    Some(match name {
        "insured" => Register::Insured,
        "entitlement" => Register::Entitlement,
        "benefit" => Register::Benefit,
        "proxy" => Register::Proxy,
        "in_hand" => Register::InHand,
        _ => return None,
    })
}
