//! Delivery of notices: plain statements, because what is due is said in one of them.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::institution::InstitutionId;
use domain::moment::Moment;

use super::super::{Conn, SKIP_LOCKED};
use super::within;
use crate::engine::Outbox;
use crate::fault::StoreError;
use crate::rows::outbox::{Fate, NoticeRow, OutboxRow, Told};
use crate::schema::outbox as o;
use crate::statement::Statement;
use crate::view::NoticeView;

type Read<T> = Result<T, StoreError>;
/// A partner's error text is kept this far.
const MOST_ERROR_CHARS: usize = 500;

impl Outbox for Conn {
    fn take_due(&mut self, now: Moment, limit: i64, lease_ms: i64) -> Read<Vec<OutboxRow>> {
        // An earlier row of the same partner and prescription goes first, whatever state it is in.
        let sql = format!(
            "UPDATE outbox SET state = 'leased', leased_until_ms = ? WHERE id IN (\
               SELECT id FROM outbox AS due \
               WHERE due.next_ms <= ? AND due.state IN ('pending', 'leased') \
               AND (due.state = 'pending' OR due.leased_until_ms <= ?) \
               AND NOT EXISTS (SELECT 1 FROM outbox AS earlier \
                 WHERE earlier.partner_id = due.partner_id AND earlier.prescription_id = due.prescription_id \
                 AND earlier.state <> 'delivered' AND (earlier.rx_seq, earlier.id) < (due.rx_seq, due.id)) \
               ORDER BY due.next_ms, due.id LIMIT ? {SKIP_LOCKED}) RETURNING *"
        );
        let taken = Statement::new(sql)
            .bind::<BigInt, _>(now.plus(lease_ms).millis())
            .bind::<BigInt, _>(now.millis())
            .bind::<BigInt, _>(now.millis())
            .bind::<BigInt, _>(limit);
        let mut rows: Vec<NoticeRow> = taken.load(self)?;
        rows.sort_by_key(|row| row.id);
        Ok(rows.into_iter().map(OutboxRow::from).collect())
    }

    fn told(&mut self, all: &[Told]) -> Read<()> {
        Ok(within(self, |conn| all.iter().try_for_each(|one| told(conn, one)))?)
    }

    fn resend(&mut self, partner: InstitutionId, id: i64, now: Moment) -> Read<bool> {
        let change = (o::state.eq("pending"), o::attempts.eq(0), o::next_ms.eq(now.millis()));
        let dead = o::table.find(id).filter(o::state.eq("dead"));
        let dead = dead.filter(o::partner_id.eq(partner.raw()));
        Ok(diesel::update(dead).set(change).execute(self)? == 1)
    }

    fn dead_letters(&mut self, partner: InstitutionId, limit: i64) -> Read<Vec<NoticeView>> {
        let these = o::table.filter(o::state.eq("dead")).filter(o::partner_id.eq(partner.raw()));
        let these = these.order(o::id).limit(limit);
        let rows: Vec<NoticeRow> = these.select(NoticeRow::as_select()).load(self)?;
        Ok(rows.into_iter().map(NoticeView::from).collect())
    }
}

fn told(conn: &mut Conn, told: &Told) -> QueryResult<()> {
    let leased = o::table.find(told.id).filter(o::state.eq("leased"));
    let no_lease = o::leased_until_ms.eq(None::<i64>);
    let once_more = o::attempts.eq(o::attempts + 1);
    match &told.fate {
        Fate::Delivered { at } => {
            let arrived = (o::delivered_ms.eq(at.millis()), o::last_error.eq(None::<String>));
            // Whoever else holds it by now: it has arrived.
            let change = (o::state.eq("delivered"), no_lease, arrived);
            diesel::update(o::table.find(told.id)).set(change).execute(conn)
        }
        Fate::PutOff { until, why } => {
            let again =
                (o::next_ms.eq(until.millis()), once_more, o::last_error.eq(shortened(why)));
            diesel::update(leased).set((o::state.eq("pending"), no_lease, again)).execute(conn)
        }
        Fate::GivenUp { why } => {
            let end = (once_more, o::last_error.eq(shortened(why)));
            diesel::update(leased).set((o::state.eq("dead"), no_lease, end)).execute(conn)
        }
    }
    .map(|_| ())
}

fn shortened(text: &str) -> String {
    text.chars().take(MOST_ERROR_CHARS).collect()
}
