//! The demo world: institutions, people, shelves and drugs, read from `catalogue/demo` or made from the seed.
//!
//! Nobody in it exists: institution codes are impossible, names say that they are invented, identity numbers are of an
//! area that does not exist. Drug names and public codes are real; prices are assumed.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use domain::id::Id;
use domain::institution::{
    Abilities, AgreementPeriod, AgreementStatus, Institution, InstitutionKind, Level, Place,
    PoolingArea, Practitioner, Profession,
};
use domain::money::{Quantity, Yuan};
use domain::prescription::{Control, ItemKind, ProductKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::dice::Dice;
use super::fault::DemoFault;
use super::patient::{Patient, patients};

/// The pooling area of everybody in the demo.
pub const AREA: &str = "540100";

/// A hospital or pharmacy with the people who work there.
#[derive(Clone, Debug)]
pub struct House {
    pub institution: Institution,
    pub doctors: Vec<Box<str>>,
    pub pharmacists: Vec<Box<str>>,
    /// Prices in hundredths above the formulary's; share of the formulary on the shelves in hundredths.
    markup: i64,
    stocked: usize,
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
            homes: counties.iter().map(|county| near(county, 0)).collect(),
        })
    }

    pub fn houses(&self) -> impl Iterator<Item = &House> {
        self.hospitals.iter().chain(&self.pharmacies)
    }

    pub fn pharmacy(&self, id: domain::institution::InstitutionId) -> Option<&House> {
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
        let doctors = self.doctors.iter().map(|code| (code, Profession::Doctor));
        let pharmacists = self.pharmacists.iter().map(|code| (code, Profession::Pharmacist));
        let person = |(code, profession): (&Box<str>, Profession)| Practitioner {
            institution_id: self.institution.id,
            code: code.clone(),
            profession,
            from: day(2025, 1, 1),
            to: day(2028, 1, 1),
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountyRow {
    code: Box<str>,
    #[serde(rename = "name")]
    _name: Box<str>,
    lon_udeg: i64,
    lat_udeg: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HospitalRow {
    code: Box<str>,
    name: Box<str>,
    level: Level,
    county: Box<str>,
    doctors: usize,
    pharmacists: usize,
    hears: YesNo,
    agreed_to: NaiveDate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PharmacyRow {
    code: Box<str>,
    name: Box<str>,
    county: Box<str>,
    dual_channel: YesNo,
    outpatient_pooling: YesNo,
    delivery: YesNo,
    trace_connected: YesNo,
    agreement: Agreed,
    markup: i64,
    stocked: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum YesNo {
    Yes,
    No,
}

/// How an agreement goes; the dates are in the head of `pharmacies.csv`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Agreed {
    Active,
    Suspended,
    Terminated,
    Expired,
}

impl HospitalRow {
    fn house(&self, id: i64, area: &PoolingArea, of: &[CountyRow], url: &str) -> Option<House> {
        let county = of.iter().find(|county| county.code == self.county)?;
        let people = |letter: char, count: usize| -> Vec<Box<str>> {
            (1..=count).map(|n| format!("{letter}5401990{id:02}{n:03}").into()).collect()
        };
        Some(House {
            institution: Institution {
                id: Id::new(id),
                code: self.code.clone(),
                kind: InstitutionKind::Hospital,
                name: self.name.clone(),
                pooling_area: area.clone(),
                county: self.county.clone(),
                level: self.level,
                place: Some(near(county, id)),
                abilities: Abilities {
                    dual_channel: true,
                    outpatient_pooling: true,
                    ..Abilities::default()
                },
                agreement: vec![active(day(2025, 1, 1), self.agreed_to)],
                notify_url: (self.hears == YesNo::Yes).then(|| url.into()),
            },
            doctors: people('D', self.doctors),
            pharmacists: people('Y', self.pharmacists),
            markup: 0,
            stocked: 0,
        })
    }
}

impl PharmacyRow {
    fn house(&self, id: i64, area: &PoolingArea, of: &[CountyRow], seed: u64) -> Option<House> {
        let county = of.iter().find(|county| county.code == self.county)?;
        let yes = |answer: YesNo| answer == YesNo::Yes;
        let scatter = i64::try_from(Dice::of(seed, "place", 0).below(7)).unwrap_or(0);
        Some(House {
            institution: Institution {
                id: Id::new(id),
                code: self.code.clone(),
                kind: InstitutionKind::Pharmacy,
                name: self.name.clone(),
                pooling_area: area.clone(),
                county: self.county.clone(),
                level: Level::Grassroots,
                place: Some(near(county, id + scatter)),
                abilities: Abilities {
                    dual_channel: yes(self.dual_channel),
                    outpatient_pooling: yes(self.outpatient_pooling),
                    delivery: yes(self.delivery),
                    trace_connected: yes(self.trace_connected),
                },
                agreement: self.agreement.periods(),
                notify_url: None,
            },
            doctors: Vec::new(),
            pharmacists: (1..=2).map(|n| format!("Y5401990{id:03}{n:02}").into()).collect(),
            markup: self.markup,
            stocked: self.stocked,
        })
    }
}

impl Agreed {
    fn periods(self) -> Vec<AgreementPeriod> {
        let (start, end) = (day(2025, 1, 1), day(2027, 1, 1));
        let period = |from, to, status| AgreementPeriod { from, to, status };
        match self {
            Agreed::Active => vec![active(start, end)],
            Agreed::Suspended => {
                let (out, back) = (day(2025, 12, 1), day(2026, 1, 1));
                let suspended = period(out, back, AgreementStatus::Suspended);
                vec![active(start, out), suspended, active(back, end)]
            }
            Agreed::Terminated => {
                let out = day(2025, 12, 15);
                vec![active(start, out), period(out, end, AgreementStatus::Terminated)]
            }
            Agreed::Expired => vec![active(start, day(2025, 12, 31))],
        }
    }
}

fn active(from: NaiveDate, to: NaiveDate) -> AgreementPeriod {
    AgreementPeriod { from, to, status: AgreementStatus::Active }
}

/// A few hundred metres to kilometres from the county's point, so that distances differ.
fn near(county: &CountyRow, id: i64) -> Place {
    let (east, north) = ((id * 37) % 23 - 11, (id * 53) % 19 - 9);
    Place { lon_udeg: county.lon_udeg + east * 1_500, lat_udeg: county.lat_udeg + north * 1_500 }
}

fn day(year: i32, month: u32, of_month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, of_month).unwrap_or_default()
}

fn filled<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Box<str>>, D::Error> {
    let text = Box::<str>::deserialize(from)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn broken(path: &Path, fault: impl std::fmt::Display) -> DemoFault {
    DemoFault::World(PathBuf::from(path), fault.to_string())
}

fn rows<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<Vec<T>, DemoFault> {
    let path = folder.join(file);
    let reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(&path);
    let mut reader = reader.map_err(|fault| broken(&path, fault))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|fault| broken(&path, fault))
}
