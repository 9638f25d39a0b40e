//! Hospitals, pharmacies and the people registered there: what routing, checks and settlement need to know of them.
//!
//! Effective-dated: an agreement or a registration counts on a date, never "now" by itself. Serves PH-01, PH-03..07,
//! PTS-03, PTS-04, RV-03, RV-04.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::Products;
use crate::id::Id;
use crate::recall::Recalls;
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
    /// Chronic and special diseases (门诊慢特病).
    pub chronic_special: bool,
    /// Persons of other areas are settled directly (RTE-05).
    pub remote_settlement: bool,
    /// Nothing but personal accounts: the pooled fund pays nothing here.
    pub account_only: bool,
    pub cold_chain: bool,
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
    /// What is known of its conditions for designation; left out where nothing is.
    #[serde(default, skip_serializing_if = "Credentials::says_nothing")]
    pub credentials: Credentials,
}

/// What an institution showed to be designated (PH-01, PH-03, PH-05, PRC-05). Unknown members are judged by nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Credentials {
    /// Opened at this address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_on: Option<NaiveDate>,
    /// First designated for insurance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub designated_on: Option<NaiveDate>,
    /// Licensed pharmacists registered here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pharmacists: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_penalty_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Ownership>,
    /// The head office of its chain, whose pharmacists may review from afar (RV-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_office: Option<InstitutionId>,
    /// The chain's legal representative was found in violation on that day (PH-05).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_violation_on: Option<NaiveDate>,
}

impl Credentials {
    pub fn says_nothing(&self) -> bool {
        *self == Credentials::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    Public,
    NonPublic,
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
    /// When the fund does not pay for this person's services; wherever it was decided (PTS-04).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ineligible: Vec<Ineligible>,
}

/// One period `[from, to)` in which a person's payment eligibility is suspended or ended (PTS-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ineligible {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub status: EligibilityStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EligibilityStatus {
    /// 9 points and more: one to six months.
    Suspended,
    /// 12 points and more.
    Ended,
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
    /// All registrations of a person, by the national code.
    practitioners: HashMap<Box<str>, Vec<Practitioner>>,
    /// Which registers of persons are loaded.
    pub loaded: Loaded,
    /// Lots that may no longer be handed over (DS-06).
    pub recalls: Recalls,
    /// The agency's product file, beside the public one of the catalogue (DS-06, DS-07).
    pub products: Arc<Products>,
}

impl Registry {
    pub fn new(revision: i64, of: Vec<Institution>, people: Vec<Practitioner>) -> Registry {
        let by_id: HashMap<_, _> = of.into_iter().map(|one| (one.id, one)).collect();
        let mut institutions: Vec<Institution> = by_id.into_values().collect();
        institutions.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        let positions = institutions.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
        let mut practitioners: HashMap<_, Vec<Practitioner>> = HashMap::new();
        for person in people {
            practitioners.entry(person.code.clone()).or_default().push(person);
        }
        Registry {
            revision,
            institutions,
            positions,
            practitioners,
            loaded: Loaded::default(),
            recalls: Recalls::default(),
            products: Arc::default(),
        }
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
        let covers = |one: &Practitioner| {
            one.institution_id == at
                && one.profession == profession
                && one.from <= day
                && day < one.to
        };
        self.practitioners.get(code).is_some_and(|periods| periods.iter().any(covers))
    }
    /// Why the fund does not pay for this person's services on a day: suspended in one place is suspended in all (PTS-04).
    pub fn ineligible(&self, code: &str, day: NaiveDate) -> Option<Ineligible> {
        let all = self.practitioners.get(code)?.iter().flat_map(|one| &one.ineligible);
        all.copied().find(|period| period.from <= day && day < period.to)
    }
}
