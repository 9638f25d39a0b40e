//! The files of `catalogue/demo` as they are written, and the houses that their rows describe.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use domain::id::Id;
use domain::institution::{
    Abilities, AgreementPeriod, AgreementStatus, Credentials, Institution, InstitutionKind, Level,
    Place, PoolingArea,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::dice::Dice;
use super::fault::DemoFault;
use super::world::House;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountyRow {
    code: Box<str>,
    #[serde(rename = "name")]
    _name: Box<str>,
    lon_udeg: i64,
    lat_udeg: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HospitalRow {
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
pub struct PharmacyRow {
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

impl CountyRow {
    /// Where its people live.
    pub fn home(&self) -> Place {
        near(self, 0)
    }
}

impl HospitalRow {
    /// The house of this row; none: its county is not in the list.
    pub fn house(&self, id: i64, area: &PoolingArea, of: &[CountyRow], url: &str) -> Option<House> {
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
                credentials: Credentials::default(),
            },
            doctors: people('D', self.doctors),
            pharmacists: people('Y', self.pharmacists),
            markup: 0,
            stocked: 0,
        })
    }
}

impl PharmacyRow {
    /// The house of this row; none: its county is not in the list.
    pub fn house(&self, id: i64, area: &PoolingArea, of: &[CountyRow], seed: u64) -> Option<House> {
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
                    ..Abilities::default()
                },
                agreement: self.agreement.periods(),
                notify_url: None,
                credentials: Credentials::default(),
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

/// A file of the world is not as it should be.
pub fn broken(path: &Path, fault: impl std::fmt::Display) -> DemoFault {
    DemoFault::World(PathBuf::from(path), fault.to_string())
}

/// The rows of one file.
pub fn rows<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<Vec<T>, DemoFault> {
    let path = folder.join(file);
    let reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(&path);
    let mut reader = reader.map_err(|fault| broken(&path, fault))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|fault| broken(&path, fault))
}

/// A civil date that exists.
pub fn day(year: i32, month: u32, of_month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, of_month).unwrap_or_default()
}
