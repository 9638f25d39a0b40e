//! `institution`, `practitioner`, `stock` and `client`: who takes part and what is on the shelves.

use diesel::prelude::*;
use diesel::result::Error;
use domain::id::Id;
use domain::institution::{Institution, InstitutionId, Practitioner};
use domain::moment::Moment;
use domain::money::{Quantity, Yuan};
use domain::prescription::ProductKey;
use domain::role::Role;
use domain::route::Stock;

use super::{Unreadable, document, json, name_of, named, text};
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::institution, treat_none_as_default_value = false)]
pub struct InstitutionRow {
    pub id: i64,
    pub code: String,
    pub document: String,
}

impl InstitutionRow {
    pub fn new(of: &Institution) -> Result<InstitutionRow, Error> {
        Ok(InstitutionRow { id: of.id.raw(), code: of.code.to_string(), document: json(of)? })
    }
}

impl TryFrom<InstitutionRow> for Institution {
    type Error = Unreadable;
    fn try_from(row: InstitutionRow) -> Result<Institution, Unreadable> {
        document("institution.document", &row.document)
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::practitioner, treat_none_as_default_value = false)]
pub struct PractitionerRow {
    pub institution_id: i64,
    pub code: String,
    pub profession: String,
    pub from_day: String,
    pub to_day: String,
}

impl From<&Practitioner> for PractitionerRow {
    fn from(of: &Practitioner) -> PractitionerRow {
        PractitionerRow {
            institution_id: of.institution_id.raw(),
            code: of.code.to_string(),
            profession: name_of(&of.profession),
            from_day: of.from.to_string(),
            to_day: of.to.to_string(),
        }
    }
}

impl TryFrom<PractitionerRow> for Practitioner {
    type Error = Unreadable;
    fn try_from(row: PractitionerRow) -> Result<Practitioner, Unreadable> {
        Ok(Practitioner {
            institution_id: Id::new(row.institution_id),
            code: row.code.into(),
            profession: named("practitioner.profession", &row.profession)?,
            from: text("practitioner.from_day", &row.from_day)?,
            to: text("practitioner.to_day", &row.to_day)?,
            ineligible: Vec::new(),
        })
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::stock)]
pub struct StockRow {
    pub pharmacy_id: i64,
    pub product_key: String,
    pub quantity: i64,
    pub unit_price_uyuan: i64,
    pub as_of_ms: i64,
}

impl Written for StockRow {
    const TABLE: &'static str = "stock";
    const KEY: &'static str = "pharmacy_id, product_key";
    fn columns<'r>(to: &mut impl Columns<'r, StockRow>) {
        use schema::stock as t;
        to.put(t::pharmacy_id, |row| &row.pharmacy_id);
        to.put(t::product_key, |row| &row.product_key);
        to.renew(t::quantity, |row| &row.quantity);
        to.renew(t::unit_price_uyuan, |row| &row.unit_price_uyuan);
        to.renew(t::as_of_ms, |row| &row.as_of_ms);
    }
}

impl From<&Stock> for StockRow {
    fn from(of: &Stock) -> StockRow {
        StockRow {
            pharmacy_id: of.pharmacy_id.raw(),
            product_key: of.product_key.as_str().to_owned(),
            quantity: of.quantity.ten_thousandths(),
            unit_price_uyuan: of.unit_price.micro(),
            as_of_ms: of.as_of.millis(),
        }
    }
}

impl From<StockRow> for Stock {
    fn from(row: StockRow) -> Stock {
        Stock {
            pharmacy_id: Id::new(row.pharmacy_id),
            product_key: ProductKey::stored(row.product_key.into()),
            quantity: Quantity::from_ten_thousandths(row.quantity),
            unit_price: Yuan::from_micro(row.unit_price_uyuan),
            as_of: Moment::from_millis(row.as_of_ms),
        }
    }
}

/// Somebody who may ask for an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub id: String,
    pub institution_id: InstitutionId,
    pub role: Role,
    /// Keyed hash of the secret, in text form.
    pub secret_hash: String,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::client, treat_none_as_default_value = false)]
pub struct ClientRow {
    pub id: String,
    pub institution_id: i64,
    pub role: String,
    pub secret_hash: String,
}

impl From<&Client> for ClientRow {
    fn from(of: &Client) -> ClientRow {
        ClientRow {
            id: of.id.clone(),
            institution_id: of.institution_id.raw(),
            role: name_of(&of.role),
            secret_hash: of.secret_hash.clone(),
        }
    }
}

impl TryFrom<ClientRow> for Client {
    type Error = Unreadable;
    fn try_from(row: ClientRow) -> Result<Client, Unreadable> {
        Ok(Client {
            institution_id: Id::new(row.institution_id),
            role: named("client.role", &row.role)?,
            id: row.id,
            secret_hash: row.secret_hash,
        })
    }
}
