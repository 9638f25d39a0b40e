//! `settlement`, `reversal`, `posting` and `usage`: money as it was computed and taken back, who it was booked to, and the
//! year totals.

use diesel::prelude::*;
use diesel::result::Error;
use domain::id::Id;
use domain::moment::Moment;
use domain::money::Yuan;
use domain::settle::{Account, Reversal, Settlement, Usage};
use domain::world::UsageKey;

use super::{Unreadable, document, json, name_of, named};
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::settlement)]
pub struct SettlementRow {
    pub id: i64,
    pub dispensing_id: i64,
    pub prescription_id: i64,
    pub pharmacy_id: i64,
    pub person_id: i64,
    pub settled_ms: i64,
    pub edition: String,
    pub total_uyuan: i64,
    pub in_scope_uyuan: i64,
    pub fund_uyuan: i64,
    pub personal_uyuan: i64,
    pub split: String,
}

impl Written for SettlementRow {
    const TABLE: &'static str = "settlement";
    const KEY: &'static str = "id";
    fn columns<'r>(to: &mut impl Columns<'r, SettlementRow>) {
        use schema::settlement as t;
        to.put(t::id, |row| &row.id);
        to.put(t::dispensing_id, |row| &row.dispensing_id);
        to.put(t::prescription_id, |row| &row.prescription_id);
        to.put(t::pharmacy_id, |row| &row.pharmacy_id);
        to.put(t::person_id, |row| &row.person_id);
        to.put(t::settled_ms, |row| &row.settled_ms);
        to.put(t::edition, |row| &row.edition);
        to.put(t::total_uyuan, |row| &row.total_uyuan);
        to.put(t::in_scope_uyuan, |row| &row.in_scope_uyuan);
        to.put(t::fund_uyuan, |row| &row.fund_uyuan);
        to.put(t::personal_uyuan, |row| &row.personal_uyuan);
        to.put(t::split, |row| &row.split);
    }
}

impl SettlementRow {
    pub fn new(of: &Settlement) -> Result<SettlementRow, Error> {
        Ok(SettlementRow {
            id: of.id.raw(),
            dispensing_id: of.dispensing_id.raw(),
            prescription_id: of.prescription_id.raw(),
            pharmacy_id: of.pharmacy_id.raw(),
            person_id: of.person_id.raw(),
            settled_ms: of.settled_at.millis(),
            edition: of.edition.to_string(),
            total_uyuan: of.split.total.micro(),
            in_scope_uyuan: of.split.in_scope.micro(),
            fund_uyuan: of.split.fund.micro(),
            personal_uyuan: of.split.personal.micro(),
            split: json(&of.split)?,
        })
    }

    pub fn with_postings(self, postings: Vec<PostingRow>) -> Result<Settlement, Unreadable> {
        let booked = |row: PostingRow| {
            Ok((named("posting.account", &row.account)?, Yuan::from_micro(row.amount_uyuan)))
        };
        Ok(Settlement {
            id: Id::new(self.id),
            dispensing_id: Id::new(self.dispensing_id),
            prescription_id: Id::new(self.prescription_id),
            pharmacy_id: Id::new(self.pharmacy_id),
            person_id: Id::new(self.person_id),
            settled_at: Moment::from_millis(self.settled_ms),
            edition: self.edition.into(),
            split: document("settlement.split", &self.split)?,
            postings: postings.into_iter().map(booked).collect::<Result<_, Unreadable>>()?,
        })
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::posting)]
pub struct PostingRow {
    pub settlement_id: i64,
    pub account: String,
    pub amount_uyuan: i64,
}

impl Written for PostingRow {
    const TABLE: &'static str = "posting";
    const KEY: &'static str = "settlement_id, account";
    fn columns<'r>(to: &mut impl Columns<'r, PostingRow>) {
        use schema::posting as t;
        to.put(t::settlement_id, |row| &row.settlement_id);
        to.put(t::account, |row| &row.account);
        to.put(t::amount_uyuan, |row| &row.amount_uyuan);
    }
}

impl PostingRow {
    pub fn all_of(settlement: &Settlement) -> impl Iterator<Item = PostingRow> {
        let id = settlement.id.raw();
        settlement.postings.iter().map(move |one| PostingRow::new(id, one))
    }
    /// Those that take a settlement back, under the reversal's own id.
    pub fn all_of_reversal(reversal: &Reversal) -> impl Iterator<Item = PostingRow> {
        let id = reversal.id.raw();
        reversal.postings.iter().map(move |one| PostingRow::new(id, one))
    }
    fn new(settlement_id: i64, (account, amount): &(Account, Yuan)) -> PostingRow {
        PostingRow { settlement_id, account: name_of(account), amount_uyuan: amount.micro() }
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::reversal)]
pub struct ReversalRow {
    pub id: i64,
    pub settlement_id: i64,
    pub reversed_ms: i64,
    pub prior_month: bool,
    pub had_left: bool,
    pub reason: String,
}

impl Written for ReversalRow {
    const TABLE: &'static str = "reversal";
    const KEY: &'static str = "id";
    fn columns<'r>(to: &mut impl Columns<'r, ReversalRow>) {
        use schema::reversal as t;
        to.put(t::id, |row| &row.id);
        to.put(t::settlement_id, |row| &row.settlement_id);
        to.put(t::reversed_ms, |row| &row.reversed_ms);
        to.put(t::prior_month, |row| &row.prior_month);
        to.put(t::had_left, |row| &row.had_left);
        to.put(t::reason, |row| &row.reason);
    }
}

impl From<&Reversal> for ReversalRow {
    fn from(of: &Reversal) -> ReversalRow {
        ReversalRow {
            id: of.id.raw(),
            settlement_id: of.settlement_id.raw(),
            reversed_ms: of.reversed_at.millis(),
            prior_month: of.prior_month,
            had_left: of.had_left,
            reason: of.reason.to_string(),
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::usage)]
pub struct UsageRow {
    pub person_id: i64,
    pub path: String,
    pub year: i32,
    pub deductible_used_uyuan: i64,
    pub cap_used_uyuan: i64,
}

impl Written for UsageRow {
    const TABLE: &'static str = "usage";
    const KEY: &'static str = "person_id, path, year";
    fn columns<'r>(to: &mut impl Columns<'r, UsageRow>) {
        use schema::usage as t;
        to.put(t::person_id, |row| &row.person_id);
        to.put(t::path, |row| &row.path);
        to.put(t::year, |row| &row.year);
        to.renew(t::deductible_used_uyuan, |row| &row.deductible_used_uyuan);
        to.renew(t::cap_used_uyuan, |row| &row.cap_used_uyuan);
    }
}

impl UsageRow {
    pub fn new(key: &UsageKey, usage: &Usage) -> UsageRow {
        UsageRow {
            person_id: key.person_id.raw(),
            path: name_of(&key.path),
            year: key.year,
            deductible_used_uyuan: usage.deductible_used.micro(),
            cap_used_uyuan: usage.cap_used.micro(),
        }
    }
}

impl TryFrom<UsageRow> for (UsageKey, Usage) {
    type Error = Unreadable;
    fn try_from(row: UsageRow) -> Result<(UsageKey, Usage), Unreadable> {
        let key = UsageKey {
            person_id: Id::new(row.person_id),
            path: named("usage.path", &row.path)?,
            year: row.year,
        };
        let usage = Usage {
            deductible_used: Yuan::from_micro(row.deductible_used_uyuan),
            cap_used: Yuan::from_micro(row.cap_used_uyuan),
        };
        Ok((key, usage))
    }
}
