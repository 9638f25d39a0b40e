//! Registers: read whole, written in transactions of their own, a few hundred rows at a time.

use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::institution::{Institution, Practitioner, Registry};
use domain::route::Stock;

use super::super::Conn;
use super::within;
use crate::engine::Registers;
use crate::fault::StoreError;
use crate::rows::register::{Client, ClientRow, InstitutionRow, PractitionerRow, StockRow};
use crate::schema::{client, institution, practitioner, register, stock};

type Read<T> = Result<T, StoreError>;
/// Rows of one transaction.
const PART: usize = 500;

impl Registers for Conn {
    fn registry(&mut self) -> Read<Registry> {
        // The revision first: should a change come in between, it is read again.
        let revision = register::table.select(register::revision).first::<i64>(self)?;
        let rows: Vec<InstitutionRow> =
            institution::table.select(InstitutionRow::as_select()).load(self)?;
        let people: Vec<PractitionerRow> =
            practitioner::table.select(PractitionerRow::as_select()).load(self)?;
        let institutions = rows.into_iter().map(Institution::try_from).collect::<Result<_, _>>()?;
        let people = people.into_iter().map(Practitioner::try_from).collect::<Result<_, _>>()?;
        Ok(Registry::new(revision, institutions, people))
    }

    fn client(&mut self, id: &str) -> Read<Option<Client>> {
        let row = client::table.find(id).select(ClientRow::as_select()).first(self).optional()?;
        Ok(row.map(Client::try_from).transpose()?)
    }

    fn put_institutions(&mut self, all: &[Institution]) -> Read<()> {
        for part in all.chunks(PART) {
            let rows = part.iter().map(InstitutionRow::new).collect::<QueryResult<Vec<_>>>()?;
            within(self, |conn| {
                use institution as i;
                let rows =
                    diesel::insert_into(i::table).values(&rows).on_conflict(i::id).do_update();
                rows.set((i::code.eq(excluded(i::code)), i::document.eq(excluded(i::document))))
                    .execute(conn)?;
                raise_revision(conn)
            })?;
        }
        Ok(())
    }

    fn put_practitioners(&mut self, all: &[Practitioner]) -> Read<()> {
        for part in all.chunks(PART) {
            let rows: Vec<PractitionerRow> = part.iter().map(PractitionerRow::from).collect();
            within(self, |conn| {
                use practitioner as p;
                let key = (p::institution_id, p::code, p::profession, p::from_day);
                let rows = diesel::insert_into(p::table).values(&rows).on_conflict(key).do_update();
                rows.set(p::to_day.eq(excluded(p::to_day))).execute(conn)?;
                raise_revision(conn)
            })?;
        }
        Ok(())
    }

    fn put_stock(&mut self, all: &[Stock]) -> Read<()> {
        for part in all.chunks(PART) {
            let mut rows: Vec<StockRow> = part.iter().map(StockRow::from).collect();
            rows.sort_by(|a, b| {
                (a.pharmacy_id, &a.product_key).cmp(&(b.pharmacy_id, &b.product_key))
            });
            within(self, |conn| {
                use stock as s;
                let rows = diesel::insert_into(s::table).values(&rows);
                let rows = rows.on_conflict((s::pharmacy_id, s::product_key)).do_update();
                rows.set((
                    s::quantity.eq(excluded(s::quantity)),
                    s::unit_price_uyuan.eq(excluded(s::unit_price_uyuan)),
                    s::as_of_ms.eq(excluded(s::as_of_ms)),
                ))
                .execute(conn)
                .map(|_| ())
            })?;
        }
        Ok(())
    }

    fn put_clients(&mut self, all: &[Client]) -> Read<()> {
        for part in all.chunks(PART) {
            let rows: Vec<ClientRow> = part.iter().map(ClientRow::from).collect();
            within(self, |conn| {
                use client as c;
                let rows =
                    diesel::insert_into(c::table).values(&rows).on_conflict(c::id).do_update();
                rows.set((
                    c::institution_id.eq(excluded(c::institution_id)),
                    c::role.eq(excluded(c::role)),
                    c::secret_hash.eq(excluded(c::secret_hash)),
                ))
                .execute(conn)
                .map(|_| ())
            })?;
        }
        Ok(())
    }
}

fn raise_revision(conn: &mut Conn) -> QueryResult<()> {
    diesel::update(register::table)
        .set(register::revision.eq(register::revision + 1))
        .execute(conn)
        .map(|_| ())
}
