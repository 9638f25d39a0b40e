//! `dispensing` and `drug_box`: visits to a pharmacy and the ledger of trace codes.

use diesel::prelude::*;
use diesel::result::Error;
use domain::dispensing::{Dispensing, DrugBox};
use domain::id::Id;
use domain::moment::Moment;
use domain::money::Yuan;

use super::{Unreadable, document, json, name_of, named, text};
use crate::schema;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::dispensing, treat_none_as_default_value = false)]
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

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::drug_box, treat_none_as_default_value = false)]
pub struct DrugBoxRow {
    pub trace_code: String,
    pub state: String,
    pub dispensing_id: i64,
    pub line_no: i32,
    pub lot: String,
    pub expires_on: String,
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
