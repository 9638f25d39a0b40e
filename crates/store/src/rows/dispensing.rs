//! `dispensing` and `drug_box`: visits to a pharmacy and the ledger of trace codes.

use diesel::prelude::*;
use diesel::result::Error;
use domain::dispensing::{Dispensing, DrugBox};
use domain::id::Id;
use domain::moment::Moment;
use domain::money::Yuan;

use super::{Unreadable, document, json, name_of, named, text};
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::dispensing)]
pub struct DispensingRow {
    pub id: i64,
    pub prescription_id: i64,
    pub pharmacy_id: i64,
    pub state: String,
    pub prepared_ms: i64,
    pub settled_ms: Option<i64>,
    pub handed_over_ms: Option<i64>,
    pub quoted_personal_uyuan: i64,
    pub lines: String,
}

impl Written for DispensingRow {
    const TABLE: &'static str = "dispensing";
    const KEY: &'static str = "id";
    fn columns<'r>(to: &mut impl Columns<'r, DispensingRow>) {
        use schema::dispensing as t;
        to.put(t::id, |row| &row.id);
        to.put(t::prescription_id, |row| &row.prescription_id);
        to.put(t::pharmacy_id, |row| &row.pharmacy_id);
        to.renew(t::state, |row| &row.state);
        to.put(t::prepared_ms, |row| &row.prepared_ms);
        to.renew(t::settled_ms, |row| &row.settled_ms);
        to.renew(t::handed_over_ms, |row| &row.handed_over_ms);
        to.put(t::quoted_personal_uyuan, |row| &row.quoted_personal_uyuan);
        to.put(t::lines, |row| &row.lines);
    }
}

impl DispensingRow {
    pub fn new(of: &Dispensing) -> Result<DispensingRow, Error> {
        Ok(DispensingRow {
            id: of.id.raw(),
            prescription_id: of.prescription_id.raw(),
            pharmacy_id: of.pharmacy_id.raw(),
            state: name_of(&of.state),
            prepared_ms: of.prepared_at.millis(),
            settled_ms: of.settled_at.map(Moment::millis),
            handed_over_ms: of.handed_over_at.map(Moment::millis),
            quoted_personal_uyuan: of.quoted_personal.micro(),
            lines: json(&of.lines)?,
        })
    }
}

impl TryFrom<DispensingRow> for Dispensing {
    type Error = Unreadable;
    fn try_from(row: DispensingRow) -> Result<Dispensing, Unreadable> {
        Ok(Dispensing {
            id: Id::new(row.id),
            prescription_id: Id::new(row.prescription_id),
            pharmacy_id: Id::new(row.pharmacy_id),
            state: named("dispensing.state", &row.state)?,
            prepared_at: Moment::from_millis(row.prepared_ms),
            settled_at: row.settled_ms.map(Moment::from_millis),
            handed_over_at: row.handed_over_ms.map(Moment::from_millis),
            quoted_personal: Yuan::from_micro(row.quoted_personal_uyuan),
            lines: document("dispensing.lines", &row.lines)?,
        })
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::drug_box)]
pub struct DrugBoxRow {
    pub trace_code: String,
    pub state: String,
    pub dispensing_id: i64,
    pub line_no: i32,
    pub lot: String,
    pub expires_on: String,
}

impl Written for DrugBoxRow {
    const TABLE: &'static str = "drug_box";
    const KEY: &'static str = "trace_code";
    fn columns<'r>(to: &mut impl Columns<'r, DrugBoxRow>) {
        use schema::drug_box as t;
        to.put(t::trace_code, |row| &row.trace_code);
        to.renew(t::state, |row| &row.state);
        to.renew(t::dispensing_id, |row| &row.dispensing_id);
        to.renew(t::line_no, |row| &row.line_no);
        to.renew(t::lot, |row| &row.lot);
        to.renew(t::expires_on, |row| &row.expires_on);
    }
}

impl From<&DrugBox> for DrugBoxRow {
    fn from(of: &DrugBox) -> DrugBoxRow {
        DrugBoxRow {
            trace_code: of.trace_code.to_string(),
            state: name_of(&of.state),
            dispensing_id: of.dispensing_id.raw(),
            line_no: of.line_no,
            lot: of.lot.to_string(),
            expires_on: of.expires_on.to_string(),
        }
    }
}

impl TryFrom<DrugBoxRow> for DrugBox {
    type Error = Unreadable;
    fn try_from(row: DrugBoxRow) -> Result<DrugBox, Unreadable> {
        Ok(DrugBox {
            trace_code: text("drug_box.trace_code", &row.trace_code)?,
            state: named("drug_box.state", &row.state)?,
            dispensing_id: Id::new(row.dispensing_id),
            line_no: row.line_no,
            lot: row.lot.into(),
            expires_on: text("drug_box.expires_on", &row.expires_on)?,
        })
    }
}
