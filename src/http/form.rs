//! What a body may hold. A form is made of members that never fail to parse; reading it gives the content or every fault.

use domain::prescription::PrescriptionId;
use domain::refusal::Refusal;
use domain::verb::{DecideHold, HoldKeeper, Verb};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::field::{Faults, Field, Text, Unknown};
use crate::flow::person::IdNumber;

pub trait Form: DeserializeOwned + 'static {
    type Content;
    /// Takes the members out and notes what is wrong with them; `None` where something needed is not there.
    fn take(self, faults: &mut Faults) -> Option<Self::Content>;

    /// The content. Refused: `Malformed` with all faults.
    fn read(self) -> Result<Self::Content, Refusal> {
        let mut faults = Faults::default();
        let content = self.take(&mut faults);
        faults.finish(content)
    }
}

/// A command without content.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EmptyForm {
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for EmptyForm {
    type Content = ();
    fn take(self, faults: &mut Faults) -> Option<()> {
        faults.unknown(&self.unknown);
        Some(())
    }
}

/// Why something is done, 1 to 200 characters.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NoteForm {
    #[serde(default)]
    #[schema(value_type = String)]
    note: Field<Text<1, 200>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for NoteForm {
    type Content = Box<str>;
    fn take(self, faults: &mut Faults) -> Option<Box<str>> {
        faults.unknown(&self.unknown);
        faults.required("note", self.note).map(Text::into_inner)
    }
}

/// Who stands at the counter or the door: the patient, unless somebody else is named.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CollectForm {
    /// Identity card of somebody who acts for the patient.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "990101197001010011")]
    proxy_id_number: Field<IdNumber>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for CollectForm {
    type Content = Option<IdNumber>;
    fn take(self, faults: &mut Faults) -> Option<Option<IdNumber>> {
        faults.unknown(&self.unknown);
        Some(faults.optional("proxy_id_number", self.proxy_id_number))
    }
}

/// A decision about what a rule holds.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HoldForm {
    #[serde(default)]
    #[schema(value_type = String, example = "BEN-01")]
    rule: Field<Text<1, 12>>,
    /// The line; left out: the hold that is about every line.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    line_no: Field<i32>,
    /// The fund may pay.
    #[serde(default)]
    #[schema(value_type = bool)]
    allow: Field<bool>,
    /// Code of the person who decides.
    #[serde(default)]
    #[schema(value_type = String)]
    decided_by: Field<Text<1, 30>>,
    #[serde(default)]
    #[schema(value_type = String)]
    note: Field<Text<1, 200>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

/// A decision as read.
pub struct HoldDecided {
    rule: Box<str>,
    line_no: Option<i32>,
    allow: bool,
    decided_by: Box<str>,
    note: Box<str>,
}

impl HoldDecided {
    pub fn by(self, keeper: HoldKeeper, prescription_id: PrescriptionId) -> Verb {
        let HoldDecided { rule, line_no, allow, decided_by, note } = self;
        Verb::DecideHold(DecideHold {
            keeper,
            prescription_id,
            rule,
            line_no,
            allow,
            decided_by,
            note,
        })
    }
}

impl Form for HoldForm {
    type Content = HoldDecided;
    fn take(self, faults: &mut Faults) -> Option<HoldDecided> {
        faults.unknown(&self.unknown);
        let rule = faults.required("rule", self.rule).map(Text::into_inner);
        let line_no = faults.optional("line_no", self.line_no);
        let allow = faults.required("allow", self.allow);
        let decided_by = faults.required("decided_by", self.decided_by).map(Text::into_inner);
        let note = faults.required("note", self.note).map(Text::into_inner);
        let ((rule, allow), (decided_by, note)) = rule.zip(allow).zip(decided_by.zip(note))?;
        Some(HoldDecided { rule, line_no, allow, decided_by, note })
    }
}
