//! Plain reads of single things.

use std::sync::Arc;

use diesel::prelude::*;
use domain::circulation::Circulation;
use domain::dispensing::Dispensing;
use domain::id::Id;
use domain::institution::InstitutionId;
use domain::lifecycle::State;
use domain::moment::Moment;
use domain::prescription::{Prescription, PrescriptionId, ProductKey};
use domain::route::Stock;
use domain::settle::Settlement;
use domain::world::Sealed;

use super::super::Conn;
use crate::engine::{Desk, Reads};
use crate::fault::StoreError;
use crate::rows::circulation::CirculationRow;
use crate::rows::dispensing::DispensingRow;
use crate::rows::prescription;
use crate::rows::register::StockRow;
use crate::rows::settlement::{PostingRow, SettlementRow};
use crate::rows::view::{self, ViewRow};
use crate::schema;
use crate::view::{HeldView, PrescriptionView, SecondFactor};

type Read<T> = Result<T, StoreError>;

impl Reads for Conn {
    fn ping(&mut self) -> Read<()> {
        let one = schema::register::table.select(schema::register::id).first::<i32>(self)?;
        debug_assert_eq!(one, 1);
        Ok(())
    }

    fn prescription(&mut self, id: PrescriptionId) -> Read<Option<Arc<Prescription>>> {
        let (rows, lines) = self.prescription_rows(&[id.raw()])?;
        Ok(prescription::prescriptions(rows, lines)?.pop())
    }

    fn circulation(&mut self, id: PrescriptionId) -> Read<Option<Circulation>> {
        let row = schema::circulation::table.find(id.raw());
        let row = row.select(CirculationRow::as_select()).first(self).optional()?;
        Ok(row.map(Circulation::try_from).transpose()?)
    }

    fn dispensings(&mut self, id: PrescriptionId) -> Read<Vec<Dispensing>> {
        use schema::dispensing as d;
        let these = d::table.filter(d::prescription_id.eq(id.raw())).order(d::id);
        let rows: Vec<DispensingRow> = these.select(DispensingRow::as_select()).load(self)?;
        Ok(rows.into_iter().map(Dispensing::try_from).collect::<Result<_, _>>()?)
    }

    fn settlements(&mut self, id: PrescriptionId) -> Read<Vec<Settlement>> {
        use schema::{posting as p, settlement as s};
        let these = s::table.filter(s::prescription_id.eq(id.raw())).order(s::id);
        let rows: Vec<SettlementRow> = these.select(SettlementRow::as_select()).load(self)?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let booked = p::table.filter(p::settlement_id.eq_any(ids)).order(p::account);
        let booked: Vec<PostingRow> = booked.select(PostingRow::as_select()).load(self)?;
        let whole = |row: SettlementRow| {
            let own = booked.iter().filter(|one| one.settlement_id == row.id).cloned().collect();
            row.with_postings(own)
        };
        Ok(rows.into_iter().map(whole).collect::<Result<_, _>>()?)
    }

    fn second_factor(&mut self, id: PrescriptionId) -> Read<Option<SecondFactor>> {
        use schema::{circulation as c, person as p};
        let these = c::table.inner_join(p::table.on(p::id.eq(c::person_id)));
        let known = these.filter(c::prescription_id.eq(id.raw()));
        let known = known.select((c::pickup_rotation, p::last_four_hash));
        let known: Option<(i32, Vec<u8>)> = known.first(self).optional()?;
        Ok(known.map(|(pickup_rotation, hash)| SecondFactor {
            pickup_rotation,
            last_four_hash: hash.into(),
        }))
    }

    fn sealed(&mut self, id: PrescriptionId) -> Read<Option<Sealed>> {
        use schema::prescription as p;
        let columns = (p::sealed_record, p::sealed_key, p::sealed_identity, p::sealed_document);
        let row: Option<(i64, Vec<u8>, Vec<u8>, Vec<u8>)> =
            p::table.find(id.raw()).select(columns).first(self).optional()?;
        Ok(row.map(|(record, wrapped_key, identity, document)| Sealed {
            record,
            wrapped_key,
            identity,
            document,
        }))
    }

    fn hospital_prescription(
        &mut self,
        hospital: InstitutionId,
        id: PrescriptionId,
        now: Moment,
    ) -> Read<Option<PrescriptionView>> {
        let row = one_view(self, id)?.filter(|row| row.institution_id() == hospital.raw());
        Ok(row.map(|row| row.view(now)).transpose()?)
    }

    fn held(
        &mut self,
        pharmacy: InstitutionId,
        id: PrescriptionId,
        now: Moment,
    ) -> Read<Option<HeldView>> {
        let Some(row) = one_view(self, id)? else { return Ok(None) };
        let view = row.view(now)?;
        let mut own = self.dispensings(id)?;
        own.retain(|one| one.pharmacy_id == pharmacy);
        let holds =
            view.holder == Some(pharmacy) && matches!(view.state, State::Claimed | State::Frozen);
        if !holds && !own.iter().any(Dispensing::is_sold) {
            return Ok(None);
        }
        let Some(prescription) = self.prescription(id)? else { return Ok(None) };
        let settlements = self.settlements(id)?;
        Ok(Some(view::held(view, &prescription, own, &settlements)))
    }

    fn stock(&mut self, keys: Vec<ProductKey>) -> Read<Vec<Stock>> {
        use schema::stock as s;
        let these = s::table.filter(s::product_key.eq_any(keys.iter().map(ProductKey::as_str)));
        let rows: Vec<StockRow> = these.select(StockRow::as_select()).load(self)?;
        Ok(rows.into_iter().map(Stock::from).collect())
    }

    fn due(&mut self, now: Moment, limit: i64) -> Read<Vec<PrescriptionId>> {
        use schema::circulation as c;
        let these = c::table.filter(c::due_ms.le(now.millis())).order(c::due_ms).limit(limit);
        let ids: Vec<i64> = these.select(c::prescription_id).load(self)?;
        Ok(ids.into_iter().map(Id::new).collect())
    }
}

fn one_view(conn: &mut Conn, id: PrescriptionId) -> Read<Option<ViewRow>> {
    use schema::{circulation as c, prescription as p};
    let this = c::table.inner_join(p::table).filter(c::prescription_id.eq(id.raw()));
    Ok(this.select(ViewRow::as_select()).first(conn).optional()?)
}
