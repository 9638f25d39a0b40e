//! The prescription as a hospital writes it in JSON, and its way into the domain. Identities part from the facts here.

use chrono::NaiveDate;
use domain::institution::PoolingArea;
use domain::moment::Moment;
use domain::money::Quantity;
use domain::prescription::{
    Approval, BizType, Circumstances, Control, Facts, InsuranceType, ItemKind, Line, LineDetails,
    RxAttribute, Sex,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::field::{Faults, Field, Text, Unknown};
use super::form::Form;
use crate::flow::hospital::Draft;
use crate::flow::person::{IdNumber, Identity};

/// Lines beyond this are a mistake, not a prescription (RX-06 allows five drugs; decoctions have more pieces).
const MOST_LINES: usize = 60;
const MOST_DIAGNOSES: usize = 20;

/// A prescription. Times are RFC 3339 with offset; amounts and quantities are decimal text.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PrescriptionForm {
    /// The hospital's own number, 1 to 40 characters, never used before.
    #[serde(default)]
    #[schema(value_type = String, example = "H20260105-0001")]
    hosp_rxno: Field<Text<1, 40>>,
    #[serde(default)]
    #[schema(value_type = BizType)]
    biz_type: Field<BizType>,
    #[serde(default)]
    #[schema(value_type = RxAttribute)]
    attribute: Field<RxAttribute>,
    #[serde(default)]
    #[schema(value_type = String, format = DateTime)]
    issued_at: Field<Moment>,
    /// End of the day of issue plus n days, or the time of issue plus n × 24 hours; n at most 3 (RX-01).
    #[serde(default)]
    #[schema(value_type = String, format = DateTime)]
    valid_until: Field<Moment>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    emergency: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    long_rx: Field<bool>,
    /// The patient signed for more than four weeks (RX-03).
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    long_rx_confirmed: Field<bool>,
    /// Written reason for more than the ordinary days (RX-02).
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    quantity_reason: Field<Text<1, 200>>,
    #[serde(default)]
    #[schema(value_type = PatientForm)]
    patient: Field<PatientForm>,
    /// National code of the prescribing doctor.
    #[serde(default)]
    #[schema(value_type = String)]
    doctor: Field<Text<1, 30>>,
    /// National code of the hospital pharmacist who reviewed it; not the doctor.
    #[serde(default)]
    #[schema(value_type = String)]
    reviewer: Field<Text<1, 30>>,
    /// ICD-10 医保版 codes, main diagnosis first.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["I10.x00x002"]))]
    diagnoses: Field<Vec<Text<1, 30>>>,
    #[serde(default)]
    #[schema(value_type = Vec<LineForm>)]
    lines: Field<Vec<LineForm>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct PatientForm {
    #[serde(default)]
    #[schema(value_type = String)]
    name: Field<Text<1, 40>>,
    /// Identity card number (居民身份证号): 17 digits and a digit or X; stored encrypted only.
    #[serde(default)]
    #[schema(value_type = String)]
    id_number: Field<IdNumber>,
    #[serde(default)]
    #[schema(value_type = Sex)]
    sex: Field<Sex>,
    #[serde(default)]
    #[schema(value_type = String, format = Date)]
    birth_date: Field<NaiveDate>,
    #[serde(default)]
    #[schema(value_type = String, example = "540100")]
    insured_area: Field<PoolingArea>,
    #[serde(default)]
    #[schema(value_type = InsuranceType)]
    insurance: Field<InsuranceType>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct LineForm {
    #[serde(default)]
    #[schema(value_type = ItemKind)]
    kind: Field<ItemKind>,
    /// National drug code; decoction pieces and institution preparations have none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    drug_code: Field<Text<1, 50>>,
    #[serde(default)]
    #[schema(value_type = String)]
    generic_name: Field<Text<1, 100>>,
    #[serde(default)]
    #[schema(value_type = String)]
    dosage_form: Field<Text<1, 40>>,
    /// Strength and pack, such as `20mg*7片/盒`.
    #[serde(default)]
    #[schema(value_type = String)]
    spec: Field<Text<1, 100>>,
    /// Packages; grams for decoction pieces.
    #[serde(default)]
    #[schema(value_type = String, example = "2")]
    quantity: Field<Quantity>,
    /// Days that the quantity lasts, 1 to 366.
    #[serde(default)]
    #[schema(value_type = i32)]
    days: Field<i32>,
    #[serde(default)]
    #[schema(value_type = Option<Approval>)]
    approval: Field<Approval>,
    #[serde(default)]
    #[schema(value_type = Option<Control>)]
    control: Field<Control>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for PrescriptionForm {
    type Content = Draft;
    // Every member is taken before any `?`: a fault in the first must not hide one in the last.
    fn take(self, faults: &mut Faults) -> Option<Draft> {
        faults.unknown(&self.unknown);
        let hosp_rxno = faults.required("hosp_rxno", self.hosp_rxno);
        let biz_type = faults.required("biz_type", self.biz_type);
        let attribute = faults.required("attribute", self.attribute);
        let issued_at = faults.required("issued_at", self.issued_at);
        let valid_until = faults.required("valid_until", self.valid_until);
        let emergency = faults.optional("emergency", self.emergency);
        let long_rx = faults.optional("long_rx", self.long_rx);
        let long_rx_confirmed = faults.optional("long_rx_confirmed", self.long_rx_confirmed);
        let quantity_reason = faults.optional("quantity_reason", self.quantity_reason);
        let doctor = faults.required("doctor", self.doctor);
        let reviewer = faults.required("reviewer", self.reviewer);
        let patient = faults.required("patient", self.patient);
        let patient = patient.and_then(|patient| faults.inside("patient", |f| patient.read(f)));
        let diagnoses = faults.required("diagnoses", self.diagnoses).unwrap_or_default();
        if diagnoses.len() > MOST_DIAGNOSES {
            faults.note("diagnoses", "诊断不得超过 20 项。", "At most 20 diagnoses.");
        }
        let lines = faults.required("lines", self.lines).unwrap_or_default();
        let lines = read_lines(lines, faults);
        let patient = patient?;
        let facts = Facts {
            hosp_rxno: hosp_rxno?.into_inner(),
            biz_type: biz_type?,
            attribute: attribute?,
            issued_at: issued_at?,
            valid_until: valid_until?,
            emergency: emergency.unwrap_or_default(),
            long_rx: long_rx.unwrap_or_default(),
            long_rx_confirmed: long_rx_confirmed.unwrap_or_default(),
            quantity_reason: quantity_reason.map(Text::into_inner),
            insured_area: patient.insured_area,
            insurance: patient.insurance,
            sex: patient.sex,
            birth_date: patient.birth_date,
            doctor: doctor?.into_inner(),
            reviewer: reviewer?.into_inner(),
            diagnoses: diagnoses.into_iter().map(Text::into_inner).collect(),
            lines: lines?,
            circumstances: Circumstances::default(),
        };
        Some(Draft { facts, identity: patient.identity })
    }
}

/// A patient as read: what the checks may see, and the identity that they may not.
struct PatientRead {
    identity: Identity,
    insured_area: PoolingArea,
    insurance: InsuranceType,
    sex: Sex,
    birth_date: NaiveDate,
}

impl PatientForm {
    fn read(self, faults: &mut Faults) -> Option<PatientRead> {
        faults.unknown(&self.unknown);
        let name = faults.required("name", self.name);
        let id_number = faults.required("id_number", self.id_number);
        let sex = faults.required("sex", self.sex);
        let birth_date = faults.required("birth_date", self.birth_date);
        let insured_area = faults.required("insured_area", self.insured_area);
        let insurance = faults.required("insurance", self.insurance);
        Some(PatientRead {
            identity: Identity { name: name?.into_inner(), id_number: id_number?.into_inner() },
            insured_area: insured_area?,
            insurance: insurance?,
            sex: sex?,
            birth_date: birth_date?,
        })
    }
}

fn read_lines(forms: Vec<LineForm>, faults: &mut Faults) -> Option<Vec<Line>> {
    if forms.len() > MOST_LINES {
        faults.note("lines", "明细不得超过 60 行。", "At most 60 lines.");
        return None;
    }
    let read: Vec<Option<Line>> = forms
        .into_iter()
        .zip(1..)
        .map(|(form, line_no)| {
            faults.inside(&format!("lines[{}]", line_no - 1), |f| form.read(line_no, f))
        })
        .collect();
    read.into_iter().collect()
}

impl LineForm {
    fn read(self, line_no: i32, faults: &mut Faults) -> Option<Line> {
        faults.unknown(&self.unknown);
        let kind = faults.required("kind", self.kind);
        let drug_code = faults.optional("drug_code", self.drug_code);
        let generic_name = faults.required("generic_name", self.generic_name);
        let dosage_form = faults.required("dosage_form", self.dosage_form);
        let spec = faults.required("spec", self.spec);
        let quantity = faults.required("quantity", self.quantity);
        let days = faults.required("days", self.days);
        let days = faults.within("days", days, 1, 366);
        let approval = faults.optional("approval", self.approval);
        let control = faults.optional("control", self.control);
        Some(Line {
            line_no,
            kind: kind?,
            drug_code: drug_code.map(Text::into_inner),
            generic_name: generic_name?.into_inner(),
            dosage_form: dosage_form?.into_inner(),
            spec: spec?.into_inner(),
            quantity: quantity?,
            days: days?,
            approval: approval.unwrap_or_default(),
            control: control.unwrap_or_default(),
            details: LineDetails::default(),
        })
    }
}
