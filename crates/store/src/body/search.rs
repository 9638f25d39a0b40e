//! Lists by key, and sums.

use std::collections::BTreeMap;

use diesel::dsl::{InnerJoin, exists};
use diesel::helper_types::IntoBoxed;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::institution::{InstitutionId, PoolingArea};
use domain::lifecycle::State;
use domain::moment::Moment;
use domain::money::Yuan;
use domain::prescription::PrescriptionId;

use super::super::Conn;
use crate::engine::Search;
use crate::fault::StoreError;
use crate::rows::event::{EventRow, LaneRow};
use crate::rows::view::ViewRow;
use crate::rows::{name_of, named};
use crate::schema::{circulation as c, dispensing as d, event as e, lane, prescription as p};
use crate::view::{EventView, HospitalFilter, PrescriptionView, SearchFilter, Totals};

type Read<T> = Result<T, StoreError>;
type Query<'a> = IntoBoxed<'a, InnerJoin<c::table, p::table>, <Conn as Connection>::Backend>;

impl Search for Conn {
    fn hospital_prescriptions(
        &mut self,
        hospital: InstitutionId,
        filter: &HospitalFilter,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>> {
        let mut query = views().filter(c::institution_id.eq(hospital.raw()));
        if let Some(number) = &filter.hosp_rxno {
            query = query.filter(
                p::institution_id.eq(hospital.raw()).and(p::hosp_rxno.eq(number.to_string())),
            );
        }
        if let Some(state) = filter.state {
            query = in_state(query, state, now);
        }
        page(self, query, before, limit, now)
    }

    fn worklist(
        &mut self,
        pharmacy: InstitutionId,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>> {
        let (mine, now_ms) = (pharmacy.raw(), now.millis());
        let open = c::state.eq_any([name_of(&State::Open), name_of(&State::Claimed)]);
        let live = open.and(c::valid_until_ms.gt(now_ms));
        // What another pharmacy holds is none of this one's business, until that lease has ended.
        let nobody = c::holder_id.is_null().or(c::lease_until_ms.le(now_ms));
        let chosen = c::chosen_pharmacy_id.eq(mine).and(live).and(nobody);
        let held = c::holder_id.eq(mine);
        let claimed = c::state.eq(name_of(&State::Claimed)).and(c::due_ms.gt(now_ms));
        let frozen = c::state.eq(name_of(&State::Frozen)).and(c::due_ms.gt(now_ms));
        let query = views().filter(chosen.or(held.and(claimed.or(frozen))));
        page(self, query, before, limit, now)
    }

    fn search(
        &mut self,
        filter: &SearchFilter,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>> {
        let mut query = views();
        if let Some(hospital) = filter.hospital {
            query = query.filter(c::institution_id.eq(hospital.raw()));
        }
        if let Some(pharmacy) = filter.pharmacy.map(|one| one.raw()) {
            let there = d::table
                .filter(d::prescription_id.eq(c::prescription_id))
                .filter(d::pharmacy_id.eq(pharmacy));
            let chosen = c::chosen_pharmacy_id.eq(pharmacy);
            query = query.filter(chosen.or(c::holder_id.eq(pharmacy)).or(exists(there)));
        }
        if let Some(state) = filter.state {
            query = in_state(query, state, now);
        }
        if let Some(from) = filter.from {
            query = query.filter(p::accepted_ms.ge(from.millis()));
        }
        if let Some(end) = filter.before {
            query = query.filter(p::accepted_ms.lt(end.millis()));
        }
        page(self, query, before, limit, now)
    }

    fn held_back(
        &mut self,
        area: &PoolingArea,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>> {
        let waiting = c::hold_due_ms.gt(now.millis()).and(c::pooling_area.eq(area.to_string()));
        let live = [State::Open, State::Claimed, State::Frozen].map(|state| name_of(&state));
        let alive = c::state.eq_any(live).and(c::valid_until_ms.gt(now.millis()));
        page(self, views().filter(waiting.and(alive)), before, limit, now)
    }

    fn timeline(&mut self, id: PrescriptionId) -> Read<Vec<EventView>> {
        let these = e::table.filter(e::prescription_id.eq(id.raw())).order(e::rx_seq);
        event_views(these.select(EventRow::as_select()).load(self)?)
    }

    fn events_after(&mut self, after: &BTreeMap<i32, i64>, limit: i64) -> Read<Vec<EventView>> {
        let mut found = Vec::new();
        for lane in self.lanes()? {
            let seen = after.get(&lane.id).copied().unwrap_or(0);
            let room = limit - i64::try_from(found.len()).unwrap_or(limit);
            if room <= 0 {
                break;
            }
            if lane.seq > seen {
                found.extend(self.chain_page(lane.id, seen, room)?);
            }
        }
        event_views(found)
    }

    fn totals(&mut self, now: Moment) -> Read<Totals> {
        let mut totals = Totals::default();
        // The state as it is now: what time has done counts although nobody wrote it down yet.
        let states = diesel::sql_query(
            "SELECT CASE WHEN due_ms IS NULL OR due_ms > $1 THEN state WHEN state = 'frozen' THEN 'revoked' \
             WHEN valid_until_ms <= $1 THEN 'expired' ELSE 'open' END AS name, COUNT(*) AS amount \
             FROM circulation GROUP BY 1",
        );
        for sum in states.bind::<BigInt, _>(now.millis()).load::<Sum>(self)? {
            totals.prescriptions.insert(named("circulation.state", &sum.name)?, sum.amount);
        }
        let ledger = diesel::sql_query(
            "SELECT account AS name, CAST(SUM(amount_uyuan) AS BIGINT) AS amount FROM posting GROUP BY 1",
        );
        for sum in ledger.load::<Sum>(self)? {
            totals
                .ledger
                .insert(named("posting.account", &sum.name)?, Yuan::from_micro(sum.amount));
        }
        let settled: Settled = diesel::sql_query(
            "SELECT COUNT(*) AS settlements, CAST(COALESCE(SUM(total_uyuan), 0) AS BIGINT) AS total, \
             CAST(COALESCE(SUM(fund_uyuan), 0) AS BIGINT) AS fund, \
             CAST(COALESCE(SUM(personal_uyuan), 0) AS BIGINT) AS personal FROM settlement AS s \
             WHERE NOT EXISTS (SELECT 1 FROM reversal AS r WHERE r.settlement_id = s.id)",
        )
        .get_result(self)?;
        totals.settlements = settled.settlements;
        totals.settled_total = Yuan::from_micro(settled.total);
        totals.settled_fund = Yuan::from_micro(settled.fund);
        totals.settled_personal = Yuan::from_micro(settled.personal);
        Ok(totals)
    }

    fn chain_page(&mut self, lane: i32, after: i64, limit: i64) -> Read<Vec<EventRow>> {
        let these =
            e::table.filter(e::lane.eq(lane).and(e::seq.gt(after))).order(e::seq).limit(limit);
        Ok(these.select(EventRow::as_select()).load(self)?)
    }

    fn lanes(&mut self) -> Read<Vec<LaneRow>> {
        Ok(lane::table.order(lane::id).select(LaneRow::as_select()).load(self)?)
    }

    fn rx_digests(&mut self, before: &[(i64, i64)]) -> Read<BTreeMap<(i64, i64), Vec<u8>>> {
        let ids: Vec<i64> = before.iter().map(|(id, _)| *id).collect();
        let these = e::table.filter(e::prescription_id.eq_any(ids));
        let rows: Vec<(Option<i64>, Option<i64>, Vec<u8>)> =
            these.select((e::prescription_id, e::rx_seq, e::digest)).load(self)?;
        let keyed =
            rows.into_iter().filter_map(|(id, seq, digest)| Some(((id?, seq? + 1), digest)));
        Ok(keyed.collect())
    }
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

#[derive(QueryableByName)]
struct Settled {
    #[diesel(sql_type = BigInt)]
    settlements: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    fund: i64,
    #[diesel(sql_type = BigInt)]
    personal: i64,
}

fn views<'a>() -> Query<'a> {
    c::table.inner_join(p::table).into_boxed()
}

/// Those that are in a state at `now`, recorded or not: what [`domain::circulation::Circulation::state_at`] says.
fn in_state(query: Query<'_>, state: State, now: Moment) -> Query<'_> {
    let now_ms = now.millis();
    let recorded = c::state.eq(name_of(&state));
    let not_due = c::due_ms.is_null().or(c::due_ms.gt(now_ms));
    let overdue = c::due_ms.le(now_ms);
    let claimed = c::state.eq(name_of(&State::Claimed));
    match state {
        State::Open => {
            let given_back = claimed.and(overdue).and(c::valid_until_ms.gt(now_ms));
            query.filter(recorded.and(not_due).or(given_back))
        }
        State::Expired => {
            let over =
                c::state.eq(name_of(&State::Open)).or(claimed).and(c::valid_until_ms.le(now_ms));
            query.filter(recorded.or(over))
        }
        State::Revoked => {
            let silent = c::state.eq(name_of(&State::Frozen)).and(overdue);
            query.filter(recorded.or(silent))
        }
        State::Claimed | State::Frozen | State::Refused | State::Completed => {
            query.filter(recorded.and(not_due))
        }
    }
}

fn page(
    conn: &mut Conn,
    query: Query<'_>,
    before: Option<PrescriptionId>,
    limit: i64,
    now: Moment,
) -> Read<Vec<PrescriptionView>> {
    let query = match before {
        Some(last) => query.filter(c::prescription_id.lt(last.raw())),
        None => query,
    };
    let newest = query.order(c::prescription_id.desc()).limit(limit);
    let rows: Vec<ViewRow> = newest.select(ViewRow::as_select()).load(conn)?;
    Ok(rows.into_iter().map(|row| row.view(now)).collect::<Result<_, _>>()?)
}

fn event_views(rows: Vec<EventRow>) -> Read<Vec<EventView>> {
    Ok(rows.into_iter().map(EventView::try_from).collect::<Result<_, _>>()?)
}
