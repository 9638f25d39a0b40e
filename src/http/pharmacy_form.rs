//! What a pharmacy sends: what it was shown, what its pharmacist concluded, what it packed, what was agreed.

use domain::money::Yuan;
use domain::prescription::PackedLine;
use domain::verb::Decide;
use serde::Deserialize;
use utoipa::ToSchema;

use super::field::{Faults, Field, Text, Unknown};
use super::form::Form;
use crate::flow::person::IdNumber;
use crate::flow::pharmacy::Shown;

/// Packed lines at most, as a prescription's.
const MOST_LINES: usize = 60;

#[derive(Debug, Deserialize, ToSchema)]
pub struct ClaimForm {
    /// What the patient's pick-up QR carries.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pickup_token: Field<Text<1, 64>>,
    /// What reading the patient's credential gave, in place of the pick-up token.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    authorisation: Field<Text<1, 100>>,
    /// Identity card of somebody who collects for the patient.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    proxy_id_number: Field<IdNumber>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewForm {
    /// National code of the pharmacist, registered here.
    #[serde(default)]
    #[schema(value_type = String)]
    reviewer: Field<Text<1, 30>>,
    #[serde(default)]
    #[schema(value_type = Decide)]
    decision: Field<Decide>,
    /// What is wrong; required for a query or a refusal.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Field<Text<1, 200>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct PreparationForm {
    #[serde(default)]
    #[schema(value_type = Vec<PackedLine>)]
    lines: Field<Vec<Field<PackedLine>>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SettlementForm {
    /// The personal share that the patient was shown and agreed to, in yuan.
    #[serde(default)]
    #[schema(value_type = String, example = "13.02")]
    agreed_personal: Field<Yuan>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

/// What reading a credential at the counter gave.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CredentialForm {
    /// Number of the patient's identity card, as the reader gives it.
    #[serde(default)]
    #[schema(value_type = String, example = "990101197001010011")]
    id_number: Field<IdNumber>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for CredentialForm {
    type Content = IdNumber;
    fn take(self, faults: &mut Faults) -> Option<IdNumber> {
        faults.unknown(&self.unknown);
        faults.required("id_number", self.id_number)
    }
}

impl Form for ClaimForm {
    /// What was shown, and who collects for the patient.
    type Content = (Shown, Option<IdNumber>);
    fn take(self, faults: &mut Faults) -> Option<(Shown, Option<IdNumber>)> {
        faults.unknown(&self.unknown);
        let token = faults.optional("pickup_token", self.pickup_token).map(Text::into_inner);
        let read = faults.optional("authorisation", self.authorisation).map(Text::into_inner);
        let proxy = faults.optional("proxy_id_number", self.proxy_id_number);
        let shown = match (token, read) {
            (Some(token), None) => Shown::PickupToken(token),
            (None, Some(read)) => Shown::Authorisation(read),
            _ => {
                let zh = "pickup_token 与 authorisation 须且只能填一项。";
                let en = "Give pickup_token or authorisation, and not both.";
                faults.note("pickup_token", zh, en);
                return None;
            }
        };
        Some((shown, proxy))
    }
}

impl Form for ReviewForm {
    type Content = Reviewed;
    fn take(self, faults: &mut Faults) -> Option<Reviewed> {
        faults.unknown(&self.unknown);
        let reviewer = faults.required("reviewer", self.reviewer);
        let decision = faults.required("decision", self.decision);
        let note = faults.optional("note", self.note);
        if note.is_none() && decision.is_some_and(|decision| decision != Decide::Approve) {
            faults.note("note", "疑问或拒绝须写明原因。", "A query or a refusal needs its reason.");
        }
        let (reviewer, decision) = reviewer.zip(decision)?;
        let note = note.map(Text::into_inner).unwrap_or_default();
        Some(Reviewed { reviewer: reviewer.into_inner(), decision, note })
    }
}

impl Form for PreparationForm {
    type Content = Vec<PackedLine>;
    fn take(self, faults: &mut Faults) -> Option<Vec<PackedLine>> {
        faults.unknown(&self.unknown);
        let lines = faults.required("lines", self.lines)?;
        if lines.len() > MOST_LINES {
            faults.note("lines", "明细不得超过 60 行。", "At most 60 lines.");
            return None;
        }
        let lines = lines.into_iter().enumerate();
        // Every line is read, also after a bad one: all faults at once.
        let read: Vec<Option<PackedLine>> =
            lines.map(|(at, line)| faults.required(&format!("lines[{at}]"), line)).collect();
        read.into_iter().collect()
    }
}

impl Form for SettlementForm {
    type Content = Yuan;
    fn take(self, faults: &mut Faults) -> Option<Yuan> {
        faults.unknown(&self.unknown);
        faults.required("agreed_personal", self.agreed_personal)
    }
}

/// What the pharmacist concluded.
pub struct Reviewed {
    pub reviewer: Box<str>,
    pub decision: Decide,
    pub note: Box<str>,
}
