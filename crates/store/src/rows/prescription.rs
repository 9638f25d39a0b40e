//! `person`, `prescription` and `prescription_line`: written once.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use domain::finding::Finding;
use domain::id::Id;
use domain::moment::Moment;
use domain::money::Quantity;
use domain::prescription::{Facts, Line, LineDetails, Prescription, Verdict};
use domain::world::{Issued, Newcomer};

use super::{Unreadable, document, json, name_of, named, text};
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::person)]
pub struct PersonRow {
    pub id: i64,
    pub identity_hash: Vec<u8>,
    pub last_four_hash: Vec<u8>,
    pub created_ms: i64,
}

impl Written for PersonRow {
    const TABLE: &'static str = "person";
    const KEY: &'static str = "id";
    fn columns<'r>(to: &mut impl Columns<'r, PersonRow>) {
        use schema::person as t;
        to.put(t::id, |row| &row.id);
        to.put(t::identity_hash, |row| &row.identity_hash);
        to.put(t::last_four_hash, |row| &row.last_four_hash);
        to.put(t::created_ms, |row| &row.created_ms);
    }
}

impl PersonRow {
    pub fn new(id: i64, newcomer: &Newcomer, now: Moment) -> PersonRow {
        PersonRow {
            id,
            identity_hash: newcomer.identity_hash.to_vec(),
            last_four_hash: newcomer.last_four_hash.to_vec(),
            created_ms: now.millis(),
        }
    }
}

/// What a decision reads of a prescription: all but the sealed bytes.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::prescription)]
pub struct PrescriptionRow {
    pub id: i64,
    pub institution_id: i64,
    pub person_id: i64,
    pub pooling_area: String,
    pub accepted_ms: i64,
    pub header: String,
    pub findings: String,
    pub edition: String,
    pub catalogue_digest: String,
    pub policy_digest: String,
    pub rules_revision: i32,
}

#[derive(Clone, Debug)]
pub struct NewPrescription {
    pub id: i64,
    pub institution_id: i64,
    pub person_id: i64,
    pub pooling_area: String,
    pub hosp_rxno: String,
    pub hi_rxno: String,
    pub rx_trace_code: String,
    pub accepted_ms: i64,
    pub issued_ms: i64,
    pub valid_until_ms: i64,
    pub header: String,
    pub findings: String,
    pub edition: String,
    pub catalogue_digest: String,
    pub policy_digest: String,
    pub rules_revision: i32,
    pub sealed_record: i64,
    pub sealed_key: Vec<u8>,
    pub sealed_identity: Vec<u8>,
    pub sealed_document: Vec<u8>,
}

impl Written for NewPrescription {
    const TABLE: &'static str = "prescription";
    const KEY: &'static str = "id";
    fn columns<'r>(to: &mut impl Columns<'r, NewPrescription>) {
        use schema::prescription as t;
        to.put(t::id, |row| &row.id);
        to.put(t::institution_id, |row| &row.institution_id);
        to.put(t::person_id, |row| &row.person_id);
        to.put(t::pooling_area, |row| &row.pooling_area);
        to.put(t::hosp_rxno, |row| &row.hosp_rxno);
        to.put(t::hi_rxno, |row| &row.hi_rxno);
        to.put(t::rx_trace_code, |row| &row.rx_trace_code);
        to.put(t::accepted_ms, |row| &row.accepted_ms);
        to.put(t::issued_ms, |row| &row.issued_ms);
        to.put(t::valid_until_ms, |row| &row.valid_until_ms);
        to.put(t::header, |row| &row.header);
        to.put(t::findings, |row| &row.findings);
        to.put(t::edition, |row| &row.edition);
        to.put(t::catalogue_digest, |row| &row.catalogue_digest);
        to.put(t::policy_digest, |row| &row.policy_digest);
        to.put(t::rules_revision, |row| &row.rules_revision);
        to.put(t::sealed_record, |row| &row.sealed_record);
        to.put(t::sealed_key, |row| &row.sealed_key);
        to.put(t::sealed_identity, |row| &row.sealed_identity);
        to.put(t::sealed_document, |row| &row.sealed_document);
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::prescription_line)]
pub struct LineRow {
    pub prescription_id: i64,
    pub line_no: i32,
    pub kind: String,
    pub drug_code: Option<String>,
    pub generic_name: String,
    pub dosage_form: String,
    pub spec: String,
    pub product_key: String,
    pub quantity: i64,
    pub days: i32,
    pub approval: String,
    pub control: String,
    pub self_pay: bool,
}

impl Written for LineRow {
    const TABLE: &'static str = "prescription_line";
    const KEY: &'static str = "prescription_id, line_no";
    fn columns<'r>(to: &mut impl Columns<'r, LineRow>) {
        use schema::prescription_line as t;
        to.put(t::prescription_id, |row| &row.prescription_id);
        to.put(t::line_no, |row| &row.line_no);
        to.put(t::kind, |row| &row.kind);
        to.put(t::drug_code, |row| &row.drug_code);
        to.put(t::generic_name, |row| &row.generic_name);
        to.put(t::dosage_form, |row| &row.dosage_form);
        to.put(t::spec, |row| &row.spec);
        to.put(t::product_key, |row| &row.product_key);
        to.put(t::quantity, |row| &row.quantity);
        to.put(t::days, |row| &row.days);
        to.put(t::approval, |row| &row.approval);
        to.put(t::control, |row| &row.control);
        to.put(t::self_pay, |row| &row.self_pay);
    }
}

impl NewPrescription {
    pub fn new(issued: &Issued) -> Result<NewPrescription, Error> {
        let Issued { prescription: new, sealed } = issued;
        let Prescription { facts, verdict, .. } = new.as_ref();
        // The lines have a table of their own.
        let header = Facts { lines: Vec::new(), ..facts.clone() };
        Ok(NewPrescription {
            id: new.id.raw(),
            institution_id: new.institution_id.raw(),
            person_id: new.person_id.raw(),
            pooling_area: new.pooling_area.to_string(),
            hosp_rxno: facts.hosp_rxno.to_string(),
            hi_rxno: new.hi_rxno(),
            rx_trace_code: new.rx_trace_code(),
            accepted_ms: new.accepted_at.millis(),
            issued_ms: facts.issued_at.millis(),
            valid_until_ms: facts.valid_until.millis(),
            header: json(&header)?,
            findings: json(&verdict.findings)?,
            edition: verdict.edition.to_string(),
            catalogue_digest: verdict.catalogue_digest.to_string(),
            policy_digest: verdict.policy_digest.to_string(),
            rules_revision: verdict.rules_revision,
            sealed_record: sealed.record,
            sealed_key: sealed.wrapped_key.clone(),
            sealed_identity: sealed.identity.clone(),
            sealed_document: sealed.document.clone(),
        })
    }
}

impl LineRow {
    pub fn all_of(prescription: &Prescription) -> impl Iterator<Item = LineRow> {
        let row = |line: &Line| LineRow {
            prescription_id: prescription.id.raw(),
            line_no: line.line_no,
            kind: name_of(&line.kind),
            drug_code: line.drug_code.as_deref().map(str::to_owned),
            generic_name: line.generic_name.to_string(),
            dosage_form: line.dosage_form.to_string(),
            spec: line.spec.to_string(),
            product_key: line.product_key().as_str().to_owned(),
            quantity: line.quantity.ten_thousandths(),
            days: line.days,
            approval: name_of(&line.approval),
            control: name_of(&line.control),
            self_pay: prescription.verdict.is_self_pay(line.line_no),
        };
        prescription.facts.lines.iter().map(row)
    }
}

impl TryFrom<LineRow> for Line {
    type Error = Unreadable;
    fn try_from(row: LineRow) -> Result<Line, Unreadable> {
        Ok(Line {
            line_no: row.line_no,
            kind: named("prescription_line.kind", &row.kind)?,
            drug_code: row.drug_code.map(String::into_boxed_str),
            generic_name: row.generic_name.into(),
            dosage_form: row.dosage_form.into(),
            spec: row.spec.into(),
            quantity: Quantity::from_ten_thousandths(row.quantity),
            days: row.days,
            approval: named("prescription_line.approval", &row.approval)?,
            control: named("prescription_line.control", &row.control)?,
            details: LineDetails::default(),
        })
    }
}

impl PrescriptionRow {
    fn with_lines(self, lines: Vec<Line>) -> Result<Prescription, Unreadable> {
        let header: Facts = document("prescription.header", &self.header)?;
        let findings: Vec<Finding> = document("prescription.findings", &self.findings)?;
        Ok(Prescription {
            id: Id::new(self.id),
            institution_id: Id::new(self.institution_id),
            person_id: Id::new(self.person_id),
            pooling_area: text("prescription.pooling_area", &self.pooling_area)?,
            accepted_at: Moment::from_millis(self.accepted_ms),
            facts: Facts { lines, ..header },
            verdict: Verdict {
                findings,
                edition: self.edition.into(),
                catalogue_digest: self.catalogue_digest.into(),
                policy_digest: self.policy_digest.into(),
                rules_revision: self.rules_revision,
            },
        })
    }
}

/// Prescriptions out of their rows; lines may come in any order.
pub fn prescriptions(
    rows: Vec<PrescriptionRow>,
    lines: Vec<LineRow>,
) -> Result<Vec<Arc<Prescription>>, Unreadable> {
    let mut lines_of: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
    for row in lines {
        lines_of.entry(row.prescription_id).or_default().push(row.try_into()?);
    }
    let whole = |row: PrescriptionRow| {
        let mut lines = lines_of.remove(&row.id).unwrap_or_default();
        lines.sort_by_key(|line| line.line_no);
        row.with_lines(lines).map(Arc::new)
    };
    rows.into_iter().map(whole).collect()
}
