//! `entry` and `register_loaded`: the registers of persons.

use diesel::prelude::*;
use diesel::result::Error;
use domain::id::Id;
use domain::institution::PoolingArea;
use domain::moment::Moment;
use domain::register::{Entry, Register};

use super::{Unreadable, document, json, name_of, named, text};
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::entry)]
pub struct EntryRow {
    pub id: i64,
    pub person_id: i64,
    pub area: String,
    pub register: String,
    pub from_day: String,
    pub to_day: String,
    pub content: String,
}

impl Written for EntryRow {
    const TABLE: &'static str = "entry";
    const KEY: &'static str = "id";
    fn columns<'r>(to: &mut impl Columns<'r, EntryRow>) {
        use schema::entry as t;
        to.put(t::id, |row| &row.id);
        to.put(t::person_id, |row| &row.person_id);
        to.put(t::area, |row| &row.area);
        to.put(t::register, |row| &row.register);
        to.put(t::from_day, |row| &row.from_day);
        to.renew(t::to_day, |row| &row.to_day);
        to.put(t::content, |row| &row.content);
    }
}

impl EntryRow {
    pub fn new(of: &Entry) -> Result<EntryRow, Error> {
        Ok(EntryRow {
            id: of.id.raw(),
            person_id: of.person_id.raw(),
            area: of.area.to_string(),
            register: name_of(&of.content.register()),
            from_day: of.from.to_string(),
            to_day: of.to.to_string(),
            content: json(&of.content)?,
        })
    }
}

impl TryFrom<EntryRow> for Entry {
    type Error = Unreadable;
    fn try_from(row: EntryRow) -> Result<Entry, Unreadable> {
        Ok(Entry {
            id: Id::new(row.id),
            person_id: Id::new(row.person_id),
            area: text("entry.area", &row.area)?,
            from: text("entry.from_day", &row.from_day)?,
            to: text("entry.to_day", &row.to_day)?,
            content: document("entry.content", &row.content)?,
        })
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::register_loaded, treat_none_as_default_value = false)]
pub struct LoadedRow {
    pub area: String,
    pub register: String,
    pub as_of_ms: i64,
}

impl LoadedRow {
    pub fn new(area: &PoolingArea, register: Register, as_of: Moment) -> LoadedRow {
        LoadedRow { area: area.to_string(), register: name_of(&register), as_of_ms: as_of.millis() }
    }
}

impl TryFrom<LoadedRow> for ((PoolingArea, Register), Moment) {
    type Error = Unreadable;
    fn try_from(row: LoadedRow) -> Result<Self, Unreadable> {
        let area = text("register_loaded.area", &row.area)?;
        let register = named("register_loaded.register", &row.register)?;
        Ok(((area, register), Moment::from_millis(row.as_of_ms)))
    }
}
