//! The figures of a run: the gateway's own, and where they differ from what the actors counted.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use domain::money::Yuan;
use domain::settle::Account;
use serde::Serialize;

use super::readback::Figures;
use super::tally::Tally;

/// Amounts in yuan; total = fund + personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Money {
    pub total: Yuan,
    pub fund: Yuan,
    pub personal: Yuan,
}

/// The outcome of a demo: counts of prescriptions unless said otherwise.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub sent: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// One that breaks two rules counts in both.
    pub rejected_by_rule: BTreeMap<String, u64>,
    /// Lines of accepted prescriptions that the patient pays alone.
    pub self_pay_lines: u64,
    /// Times that a pharmacy took one.
    pub claimed: u64,
    pub queried: u64,
    pub refused: u64,
    pub released: u64,
    pub completed: u64,
    pub handed_over: u64,
    pub expired: u64,
    pub revoked: u64,
    /// Boxes that were sold before and had to be replaced.
    pub boxes_replaced: u64,
    pub money: Money,
    pub events: u64,
    pub chain_verified: bool,
    pub ledger_zero: bool,
    pub notices_delivered: u64,
    /// Answers of the 5xx kind.
    pub server_errors: u64,
    pub seconds: f64,
    /// Where the gateway and the actors disagree, and what nobody expected.
    pub differences: Vec<String>,
}

impl Report {
    pub fn new(figures: &Figures, tally: &Tally, server_errors: u64, took: Duration) -> Report {
        let mut by_rule = figures.rejected_by_rule.clone();
        if tally.numbers_used_before > 0 {
            *by_rule.entry("RX-09".to_owned()).or_default() += tally.numbers_used_before;
        }
        let accepted = figures.event("accepted");
        let rejected = figures.event("rejected") + tally.numbers_used_before;
        let mut report = Report {
            sent: accepted + rejected,
            accepted,
            rejected,
            rejected_by_rule: by_rule,
            self_pay_lines: figures.self_pay_lines,
            claimed: figures.event("claimed"),
            queried: figures.event("queried"),
            refused: figures.state("refused"),
            released: figures.event("released"),
            completed: figures.state("completed"),
            handed_over: figures.event("handed_over"),
            expired: figures.state("expired"),
            revoked: figures.state("revoked"),
            boxes_replaced: tally.boxes_replaced,
            money: money(figures),
            events: figures.chained(),
            chain_verified: figures.chain.first_bad.is_none() && figures.chained() > 0,
            ledger_zero: is_zero(figures),
            notices_delivered: 0,
            server_errors,
            seconds: took.as_secs_f64(),
            differences: tally.surprises.clone(),
        };
        report.hold(tally);
        report.hold_sums(figures);
        report
    }

    /// Everything agrees, nothing was altered, and the gateway never failed.
    pub fn is_good(&self) -> bool {
        self.chain_verified
            && self.ledger_zero
            && self.server_errors == 0
            && self.differences.is_empty()
    }

    /// Holds what the partner's listener heard against what it should have heard.
    pub fn hold_notices(&mut self, expected: u64, heard: u64) {
        self.notices_delivered = heard;
        self.same("notices", expected, heard);
    }

    fn hold(&mut self, tally: &Tally) {
        let pairs = [
            ("sent", tally.sent, self.sent),
            ("accepted", tally.accepted, self.accepted),
            ("rejected", tally.rejected, self.rejected),
            ("self-pay lines", tally.self_pay_lines, self.self_pay_lines),
            ("claimed", tally.claimed, self.claimed),
            ("queried", tally.queried, self.queried),
            ("refused", tally.refused, self.refused),
            ("released", tally.released, self.released),
            ("completed", tally.completed(), self.completed),
            ("handed over", tally.handed_over, self.handed_over),
            ("expired", tally.expired(), self.expired),
            ("revoked", tally.revoked, self.revoked),
        ];
        for (what, counted, told) in pairs {
            self.same(what, counted, told);
        }
        let (counted, told) = (tally.rejected_by_rule.clone(), self.rejected_by_rule.clone());
        self.same("rejected by rule", format!("{counted:?}"), format!("{told:?}"));
        let splits = || tally.sales.iter().map(|sale| &sale.reply.split);
        let sum = |amounts: Option<Yuan>| {
            amounts.map_or("out of range".to_owned(), |sum| sum.to_string())
        };
        let total = sum(Yuan::total(splits().map(|split| split.total)));
        let fund = sum(Yuan::total(splits().map(|split| split.fund)));
        let personal = sum(Yuan::total(splits().map(|split| split.personal)));
        self.same("total", total, self.money.total.to_string());
        self.same("fund", fund, self.money.fund.to_string());
        self.same("personal", personal, self.money.personal.to_string());
    }

    /// The gateway's sums against its own lists.
    fn hold_sums(&mut self, figures: &Figures) {
        let mut summed: BTreeMap<String, u64> = BTreeMap::new();
        for (state, count) in figures.totals.prescriptions.iter().filter(|(_, count)| **count > 0) {
            summed.insert(state.to_string(), u64::try_from(*count).unwrap_or(0));
        }
        let listed = format!("{:?}", figures.states);
        self.same("states", listed, format!("{summed:?}"));
        let totals = &figures.totals;
        self.same("settled total", totals.settled_total, self.money.total);
        self.same("settled fund", totals.settled_fund, self.money.fund);
        self.same("settled personal", totals.settled_personal, self.money.personal);
        let read = figures.events.values().sum::<u64>();
        self.same("events", read, figures.chained());
    }

    fn same<T: PartialEq + fmt::Display>(&mut self, what: &str, counted: T, told: T) {
        if counted != told {
            self.differences.push(format!("{what}: counted {counted}, the gateway says {told}"));
        }
    }
}

fn money(figures: &Figures) -> Money {
    Money {
        total: figures.account(Account::Sales).negated(),
        fund: figures.account(Account::Pool),
        personal: figures.account(Account::Personal),
    }
}

/// The whole ledger sums to zero.
fn is_zero(figures: &Figures) -> bool {
    let sum = Yuan::total(figures.totals.ledger.values().copied());
    sum.is_some_and(Yuan::is_zero) && !figures.totals.ledger.is_empty()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |zh: &str, en: &str, value: String, unit: &str| {
            // A Chinese character is two columns wide.
            let wide = zh.chars().count();
            writeln!(
                f,
                "  {zh}{:pad$}{en:<22}{value:>14} {unit}",
                "",
                pad = 20_usize.saturating_sub(wide * 2)
            )
        };
        const RX: &str = "张 prescriptions";
        row("发送", "sent", self.sent.to_string(), RX)?;
        row("接收", "accepted", self.accepted.to_string(), RX)?;
        row("退回", "rejected", self.rejected.to_string(), RX)?;
        for (rule, count) in &self.rejected_by_rule {
            row("", &format!("  by {rule}"), count.to_string(), "")?;
        }
        row("自费明细", "self-pay lines", self.self_pay_lines.to_string(), "行 lines")?;
        row("接单", "claimed", self.claimed.to_string(), "次 times")?;
        row("药师询问", "queried", self.queried.to_string(), "次 times")?;
        row("拒绝调配", "refused", self.refused.to_string(), RX)?;
        row("退单", "released", self.released.to_string(), "次 times")?;
        row("换盒", "boxes replaced", self.boxes_replaced.to_string(), "盒 boxes")?;
        row("完成", "completed", self.completed.to_string(), RX)?;
        row("已交付", "handed over", self.handed_over.to_string(), RX)?;
        row("过期", "expired", self.expired.to_string(), RX)?;
        row("撤销", "revoked", self.revoked.to_string(), RX)?;
        row("总额", "total", self.money.total.to_string(), "元 yuan")?;
        row("基金支付", "fund", self.money.fund.to_string(), "元 yuan")?;
        row("个人负担", "personal", self.money.personal.to_string(), "元 yuan")?;
        row("账目平衡", "ledger sums to zero", verdict(self.ledger_zero), "")?;
        row("审计链", "chain verified", verdict(self.chain_verified), "")?;
        row("事件", "events", self.events.to_string(), "条 events")?;
        row("通知送达", "notices delivered", self.notices_delivered.to_string(), "条 notices")?;
        row("服务错误", "server errors", self.server_errors.to_string(), "次 answers")?;
        row("用时", "took", format!("{:.1}", self.seconds), "秒 seconds")?;
        for difference in self.differences.iter().take(20) {
            writeln!(f, "  不符 differs: {difference}")?;
        }
        Ok(())
    }
}

fn verdict(yes: bool) -> String {
    if yes { "是 yes" } else { "否 NO" }.to_owned()
}
