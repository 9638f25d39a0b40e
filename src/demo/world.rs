//! The demo world: institutions, people, shelves and drugs, read from `catalogue/demo` or made from the seed.
//!
//! Nobody in it exists: institution codes are impossible, names say that they are invented, identity numbers are of an
//! area that does not exist. Drug names and public codes are real; prices are assumed.

use std::path::Path;

use chrono::NaiveDate;
use domain::institution::{
    AgreementStatus, Institution, InstitutionId, Place, PoolingArea, Practitioner, Profession,
};
use domain::money::{Quantity, Yuan};
use domain::prescription::{Control, ItemKind, ProductKey};
use serde::Deserialize;

use super::dice::Dice;
use super::fault::DemoFault;
use super::patient::{Patient, patients};
use super::roster::{CountyRow, HospitalRow, PharmacyRow, broken, day, rows};

/// The pooling area of everybody in the demo.
pub const AREA: &str = "540100";

/// A hospital or pharmacy with the people who work there.
#[derive(Clone, Debug)]
pub struct House {
    pub institution: Institution,
    pub doctors: Vec<Box<str>>,
    pub pharmacists: Vec<Box<str>>,
    /// Prices in hundredths above the formulary's; share of the formulary on the shelves in hundredths.
    pub(super) markup: i64,
    pub(super) stocked: usize,
}

/// One line of the formulary.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drug {
    pub kind: ItemKind,
    #[serde(deserialize_with = "filled")]
    pub code: Option<Box<str>>,
    pub generic_name: Box<str>,
    pub dosage_form: Box<str>,
    pub spec: Box<str>,
    /// Assumed; one package, or one gram of a decoction piece.
    pub price_yuan: Yuan,
    pub diagnosis: Box<str>,
    pub role: Part,
    pub control: Control,
}

/// What a drug is in the demo for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Ordinary,
    Antimicrobial,
    Female,
    Male,
    Child,
    Negotiated,
    Restricted,
    #[serde(rename = "new_in_2025")]
    NewIn2025,
    #[serde(rename = "gone_in_2025")]
    GoneIn2025,
    Ethnic,
    PieceNotAlone,
    Piece,
    Preparation,
    Unlisted,
    UnlistedChild,
    Commercial,
    Narcotic,
    Psychotropic,
}

#[derive(Clone, Debug)]
pub struct World {
    pub seed: u64,
    pub hospitals: Vec<House>,
    pub pharmacies: Vec<House>,
    pub patients: Vec<Patient>,
    pub formulary: Vec<Drug>,
    /// Where people live: a point in each county.
    homes: Vec<Place>,
}

impl Drug {
    pub fn product_key(&self) -> ProductKey {
        ProductKey::new(&self.generic_name, &self.dosage_form, &self.spec)
    }
    pub fn is_piece(&self) -> bool {
        self.kind == ItemKind::DecoctionPiece
    }
}

impl World {
    /// Reads the folder. `notify_url`: where hospitals that want to hear get their notices.
    pub fn read(folder: &Path, seed: u64, notify_url: &str) -> Result<World, DemoFault> {
        let counties: Vec<CountyRow> = rows(folder, "counties.csv")?;
        let hospitals: Vec<HospitalRow> = rows(folder, "hospitals.csv")?;
        let pharmacies: Vec<PharmacyRow> = rows(folder, "pharmacies.csv")?;
        let area: PoolingArea = AREA.parse().map_err(|fault| broken(folder, fault))?;
        let made = |house: Option<House>| house.ok_or_else(|| broken(folder, "an unknown county"));
        let hospitals = hospitals
            .iter()
            .zip(1..)
            .map(|(row, id)| made(row.house(id, &area, &counties, notify_url)));
        let pharmacies = pharmacies
            .iter()
            .zip(101..)
            .map(|(row, id)| made(row.house(id, &area, &counties, seed)));
        Ok(World {
            seed,
            hospitals: hospitals.collect::<Result<_, _>>()?,
            pharmacies: pharmacies.collect::<Result<_, _>>()?,
            patients: patients(seed),
            formulary: rows(folder, "formulary.csv")?,
            homes: counties.iter().map(CountyRow::home).collect(),
        })
    }

    pub fn houses(&self) -> impl Iterator<Item = &House> {
        self.hospitals.iter().chain(&self.pharmacies)
    }

    pub fn pharmacy(&self, id: InstitutionId) -> Option<&House> {
        self.pharmacies.iter().find(|house| house.institution.id == id)
    }

    /// Where a patient starts from.
    pub fn home(&self, patient: usize) -> Option<Place> {
        self.homes.iter().cycle().nth(patient).copied()
    }

    /// The formulary's drugs for one part.
    pub fn drugs(&self, part: Part) -> Vec<&Drug> {
        self.formulary.iter().filter(|drug| drug.role == part).collect()
    }

    pub fn drug(&self, key: &ProductKey) -> Option<&Drug> {
        self.formulary.iter().find(|drug| drug.product_key() == *key)
    }
}

impl House {
    /// Under an active agreement on a day.
    pub fn is_agreed_on(&self, day: NaiveDate) -> bool {
        self.institution.agreement_on(day) == Some(AgreementStatus::Active)
    }

    /// What this house asks for a package, rounded to 0.01 yuan.
    pub fn price(&self, drug: &Drug) -> Yuan {
        let factor: Option<Quantity> = format!("1.{:02}", self.markup.max(0)).parse().ok();
        let cheaper: Option<Quantity> = format!("0.{:02}", 100 + self.markup.min(-1)).parse().ok();
        let factor = if self.markup < 0 { cheaper } else { factor };
        factor.and_then(|factor| drug.price_yuan.times(factor)).unwrap_or(drug.price_yuan)
    }

    /// Whether the drug is on the shelf here; the same for the same seed.
    pub fn stocks(&self, seed: u64, drug: &Drug) -> bool {
        let never = [ItemKind::InstitutionPreparation];
        let place = usize::try_from(self.institution.id.raw()).unwrap_or(0);
        !never.contains(&drug.kind)
            && Dice::of(seed, drug.product_key().as_str(), place).chance(self.stocked)
    }

    /// Everybody registered here, all year round.
    pub fn practitioners(&self) -> Vec<Practitioner> {
        let doctors = self.doctors.iter().map(|code| (&**code, Profession::Doctor));
        let pharmacists = self.pharmacists.iter().map(|code| (&**code, Profession::Pharmacist));
        let person = |(code, profession): (&str, Profession)| Practitioner {
            institution_id: self.institution.id,
            code: code.into(),
            profession,
            from: day(2025, 1, 1),
            to: day(2028, 1, 1),
            ineligible: Vec::new(),
        };
        doctors.chain(pharmacists).map(person).collect()
    }

    /// What the house calls itself at the door, and the secret of its client: made from the seed, for a demo only.
    pub fn client(&self, seed: u64) -> (String, String) {
        (self.institution.code.to_string(), client_secret(seed, &self.institution.code))
    }
}

/// The secret of a demo client. Nothing made from a seed is secret.
pub fn client_secret(seed: u64, client: &str) -> String {
    let mut dice = Dice::of(seed, client, 0);
    format!("demo-{:016x}{:016x}", dice.roll(), dice.roll())
}

fn filled<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Box<str>>, D::Error> {
    let text = Box::<str>::deserialize(from)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}
