//! Hospitals, pharmacies and the people registered there: what routing, checks and settlement need to know of them.
//!
//! Effective-dated: an agreement or a registration counts on a date, never "now" by itself. Serves PH-04, PH-06, PH-07, RV-04.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::Id;
use crate::register::Loaded;

pub type InstitutionId = Id<Institution>;

/// A pooling area (统筹区) by its six-digit division code: benefits, catalogue add-ons and circulation end at its border.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolingArea(Box<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pooling area is a six-digit division code such as 540100")]
pub struct NotAPoolingArea;

impl PoolingArea {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for PoolingArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for PoolingArea {
    type Err = NotAPoolingArea;
    fn from_str(text: &str) -> Result<PoolingArea, NotAPoolingArea> {
        let six_digits = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        six_digits.then(|| PoolingArea(text.into())).ok_or(NotAPoolingArea)
    }
}
crate::text_form!(PoolingArea, "540100", "Pooling area: six-digit division code");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionKind {
    Hospital,
    Pharmacy,
}

/// Level of an institution, as benefits depend on it (基层, 二级, 三级).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Grassroots,
    Second,
    Third,
}

/// What the agreement lets an institution do (PH-06) and whether its trace codes reach the platform (PH-07).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Abilities {
    pub dual_channel: bool,
    pub outpatient_pooling: bool,
    pub delivery: bool,
    pub trace_connected: bool,
}

/// Status of the service agreement (PH-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    Active,
    Suspended,
    Terminated,
}

/// One half-open period `[from, to)` of a service agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementPeriod {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub status: AgreementStatus,
}

/// A point in micro-degrees (WGS-84 east and north), so that places compare and store exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub lon_udeg: i64,
    pub lat_udeg: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institution {
    pub id: InstitutionId,
    /// National institution code (H… or P…, 12 characters).
    pub code: Box<str>,
    pub kind: InstitutionKind,
    pub name: Box<str>,
    pub pooling_area: PoolingArea,
    /// Six-digit code of the county.
    pub county: Box<str>,
    pub level: Level,
    pub place: Option<Place>,
    pub abilities: Abilities,
    pub agreement: Vec<AgreementPeriod>,
    /// Where notices are sent; none: the institution polls.
    pub notify_url: Option<Box<str>>,
}

impl Institution {
    /// The agreement's status on a day; `None` before, between and after agreed periods (expired).
    pub fn agreement_on(&self, day: NaiveDate) -> Option<AgreementStatus> {
        let covers = |period: &&AgreementPeriod| period.from <= day && day < period.to;
        self.agreement.iter().find(covers).map(|period| period.status)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profession {
    Doctor,
    Pharmacist,
}

/// A doctor or pharmacist as registered at one institution for `[from, to)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practitioner {
    pub institution_id: InstitutionId,
    /// National practitioner code (医保医师 / 药师编码).
    pub code: Box<str>,
    pub profession: Profession,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// What lies side by side in the registry: the hospitals of an area, then its pharmacies.
fn group(of: &Institution) -> (&PoolingArea, bool) {
    (&of.pooling_area, of.kind == InstitutionKind::Pharmacy)
}

fn order(of: &Institution) -> (&PoolingArea, bool, InstitutionId) {
    let (area, is_pharmacy) = group(of);
    (area, is_pharmacy, of.id)
}

/// All institutions and practitioners, as loaded at one revision.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub revision: i64,
    /// By area, kind and id, so that the pharmacies of an area lie side by side: routing walks them on every enquiry.
    institutions: Vec<Institution>,
    positions: HashMap<InstitutionId, usize>,
    practitioners: HashMap<(InstitutionId, Box<str>), Vec<Practitioner>>,
    /// Which registers of persons are loaded.
    pub loaded: Loaded,
}

impl Registry {
    pub fn new(revision: i64, of: Vec<Institution>, people: Vec<Practitioner>) -> Registry {
        let by_id: HashMap<_, _> = of.into_iter().map(|one| (one.id, one)).collect();
        let mut institutions: Vec<Institution> = by_id.into_values().collect();
        institutions.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        let positions = institutions.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
        let mut practitioners: HashMap<_, Vec<Practitioner>> = HashMap::new();
        for person in people {
            let key = (person.institution_id, person.code.clone());
            practitioners.entry(key).or_default().push(person);
        }
        Registry { revision, institutions, positions, practitioners, loaded: Loaded::default() }
    }
    pub fn institution(&self, id: InstitutionId) -> Option<&Institution> {
        self.positions.get(&id).and_then(|at| self.institutions.get(*at))
    }
    pub fn institutions(&self) -> impl Iterator<Item = &Institution> {
        self.institutions.iter()
    }
    /// The pharmacies of a pooling area, in the order of their ids.
    pub fn pharmacies(&self, area: &PoolingArea) -> impl Iterator<Item = &Institution> {
        let from = self.institutions.partition_point(|one| group(one) < (area, true));
        let to = self.institutions.partition_point(|one| group(one) <= (area, true));
        self.institutions.get(from..to).unwrap_or_default().iter()
    }
    /// Is this person registered there with this profession on the day (RV-04)?
    pub fn is_registered(
        &self,
        at: InstitutionId,
        code: &str,
        profession: Profession,
        day: NaiveDate,
    ) -> bool {
        let covers =
            |one: &Practitioner| one.profession == profession && one.from <= day && day < one.to;
        let known = self.practitioners.get(&(at, code.into()));
        known.is_some_and(|periods| periods.iter().any(covers))
    }
}
