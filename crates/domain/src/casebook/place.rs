//! The hospital and the pharmacy of a case.
//!
//! Synthetic. Under agreement and able to do everything, unless the case says otherwise.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::id::Id;
use crate::institution::{
    Abilities, AgreementPeriod, AgreementStatus, Credentials, Institution, InstitutionKind, Level,
    PoolingArea,
};

pub const HOSPITAL: i64 = 1;
pub const PHARMACY: i64 = 2;
pub const HEAD_OFFICE: i64 = 3;

/// What of a house differs from the plain one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct House {
    pub kind: Option<InstitutionKind>,
    pub area: Option<PoolingArea>,
    pub level: Option<Level>,
    /// Abilities that it lacks.
    pub lacks: Vec<String>,
    pub account_only: bool,
    /// Left out: active from 2020 to 2040.
    pub agreement: Option<Vec<AgreementPeriod>>,
    pub credentials: Credentials,
}

impl House {
    pub fn build(&self, id: i64, kind: InstitutionKind, area: &PoolingArea) -> Institution {
        let letter = if kind == InstitutionKind::Hospital { 'H' } else { 'P' };
        let level = match kind {
            InstitutionKind::Hospital => Level::Third,
            InstitutionKind::Pharmacy => Level::Grassroots,
        };
        Institution {
            id: Id::new(id),
            code: format!("{letter}{area}{id:05}").into(),
            kind: self.kind.unwrap_or(kind),
            name: "样例机构".into(),
            pooling_area: self.area.as_ref().unwrap_or(area).clone(),
            county: area.as_str().into(),
            level: self.level.unwrap_or(level),
            place: None,
            abilities: self.abilities(),
            agreement: self.agreement.clone().unwrap_or_else(active),
            notify_url: None,
            credentials: self.credentials.clone(),
        }
    }

    fn abilities(&self) -> Abilities {
        let has = |name: &str| !self.lacks.iter().any(|lacking| lacking == name);
        Abilities {
            dual_channel: has("dual_channel"),
            outpatient_pooling: has("outpatient_pooling"),
            delivery: has("delivery"),
            trace_connected: has("trace_connected"),
            chronic_special: has("chronic_special"),
            remote_settlement: has("remote_settlement"),
            account_only: self.account_only,
            cold_chain: has("cold_chain"),
        }
    }
}

fn active() -> Vec<AgreementPeriod> {
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    vec![AgreementPeriod { from: day(2020), to: day(2040), status: AgreementStatus::Active }]
}
