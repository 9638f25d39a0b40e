//! Pharmacy and fund settle what is prepared: boxes sold, prescription used up, money booked, in one command
//! (DS-01, DS-02, SET-01, SET-02; RULES §2.1–2.2).

use std::sync::Arc;

use chrono::Days;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::prepare::Bill;
use super::{Case, Decision, Desk};
use crate::dispensing::{BoxState, Dispensing, DispensingId, DrugBox};
use crate::institution::InstitutionId;
use crate::lifecycle::{DispensingState, DispensingStep, State, Step};
use crate::moment::Moment;
use crate::money::Yuan;
use crate::prescription::PrescriptionId;
use crate::refusal::{Fault, Reason, Refusal};
use crate::region::UsePolicy;
use crate::register::{Content, Entry, InHand};
use crate::settle::{self, Settlement, SettlementId, Split};
use crate::world::Keys;

#[derive(Clone, Debug)]
pub struct Settle {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// The personal share that the patient was shown and agreed to.
    pub agreed_personal: Yuan,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SettleReply {
    pub prescription_id: PrescriptionId,
    pub dispensing_id: DispensingId,
    pub settlement_id: SettlementId,
    pub state: State,
    pub dispensing_state: DispensingState,
    pub settled_at: Moment,
    /// Edition of the national catalogue on the day of settlement.
    pub edition: Box<str>,
    pub split: Split,
}

impl Settle {
    pub fn keys(&self) -> Keys {
        Keys {
            prescription: Some(self.prescription_id),
            registers: true,
            alone: true,
            ..Keys::default()
        }
    }

    /// Rule: DS-01, SET-01, SET-02 — Settled once: used up, boxes sold and money booked in one step
    // Refused: `AlreadySettled` here, the reason of the state otherwise (`PrescriptionUsed`, `PrescriptionFrozen`, …),
    // `NotClaimed`, `NotPrepared`, `LinesIncomplete` where a box expired or a code became required meanwhile,
    // `FiguresAssumed` and `ListingUnverified` in production, `AmountNotAgreed` with the new quote.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut here = desk.world.dispensings_of(self.prescription_id);
        let sold_here = here.any(|one| one.pharmacy_id == self.pharmacy_id && one.is_sold());
        let held = Case::of_holder(desk, self.prescription_id, self.pharmacy_id);
        let mut case = held.map_err(|no| match no.reason {
            Reason::PrescriptionUsed if sold_here => Reason::AlreadySettled.into(),
            _ => no,
        })?;
        case.eligible(self.pharmacy_id)?;
        let prepared = case.prepared().ok_or(Reason::NotPrepared)?;
        case.may_settle(prepared)?;
        let bill = case.bill(&prepared.lines)?;
        if case.knowledge.production && !bill.unverified.is_empty() {
            return Err(unverified(&bill.unverified));
        }
        if bill.split.personal != self.agreed_personal {
            return Err(not_agreed(&bill.split));
        }
        let sold = sold(prepared, &bill.split, case.now)?;
        case.sell_boxes(&sold);
        // Noted before the state moves on: what is sold is not given up with the hold.
        case.changes.dispensings.push(sold.clone());
        case.use_lines(&sold)?;
        let settlement = settlement(&mut case, &sold, &bill)?;
        let reply = SettleReply {
            prescription_id: self.prescription_id,
            dispensing_id: sold.id,
            settlement_id: settlement.id,
            state: case.circulation.state,
            dispensing_state: sold.state,
            settled_at: case.now,
            edition: bill.edition,
            split: bill.split,
        };
        let body = json!({
            "dispensing_id": sold.id, "settlement_id": settlement.id, "total": reply.split.total,
            "fund": reply.split.fund, "personal": reply.split.personal, "edition": reply.edition,
            "state": reply.state,
        });
        case.changes.settlement = Some(settlement);
        case.changes.usages = bill.usages;
        case.record("settled", Some(self.pharmacy_id), body);
        case.notify_hospital();
        case.done(&reply)
    }
}

fn unverified(lines: &[i32]) -> Refusal {
    let (zh, en) = (Reason::ListingUnverified.zh(), Reason::ListingUnverified.en());
    let fault = |line_no: &i32| Fault::new(format!("lines[line_no={line_no}]"), zh, en);
    Refusal::with_faults(Reason::ListingUnverified, lines.iter().map(fault).collect())
}

fn not_agreed(quote: &Split) -> Refusal {
    let zh = format!(
        "现报价：总额 {} 元，基金 {} 元，个人 {} 元。",
        quote.total, quote.fund, quote.personal
    );
    let en = format!(
        "The quote now is: total {}, fund {}, personal {} yuan.",
        quote.total, quote.fund, quote.personal
    );
    Refusal::with_faults(Reason::AmountNotAgreed, vec![Fault::new("agreed_personal", zh, en)])
}

fn sold(prepared: &Dispensing, split: &Split, now: Moment) -> Result<Dispensing, Refusal> {
    let by_patient_alone = split.fund.is_zero();
    let step = if by_patient_alone { DispensingStep::SelfPay } else { DispensingStep::Settle };
    let state = prepared.state.next(step)?;
    Ok(Dispensing { state, settled_at: Some(now), ..prepared.clone() })
}

fn settlement(case: &mut Case<'_>, sold: &Dispensing, bill: &Bill) -> Result<Settlement, Refusal> {
    Ok(Settlement {
        id: case.make_id(),
        dispensing_id: sold.id,
        prescription_id: sold.prescription_id,
        pharmacy_id: sold.pharmacy_id,
        person_id: case.circulation.person_id,
        settled_at: case.now,
        edition: bill.edition.clone(),
        split: bill.split.clone(),
        postings: settle::postings(&bill.split),
    })
}

impl Case<'_> {
    /// What was packed must still do on the day of settlement, and no public money goes out on an assumption.
    fn may_settle(&self, prepared: &Dispensing) -> Result<(), Refusal> {
        let region = self.region()?;
        if self.knowledge.production && !region.assumed().is_empty() {
            return Err(Reason::FiguresAssumed.into());
        }
        let faults = self.packing(&prepared.lines)?.faults;
        if faults.is_empty() {
            return Ok(());
        }
        Err(Refusal::with_faults(Reason::LinesIncomplete, faults))
    }

    /// Rule: RX-12 — A settlement uses the prescription up; by line only where the region says so
    fn use_lines(&mut self, sold: &Dispensing) -> Result<(), Refusal> {
        let packed = sold.lines.iter().map(|line| line.line_no);
        self.circulation.lines.used.extend(packed);
        let by_line = self.region()?.use_policy.value == UsePolicy::ByLine;
        let gone = &self.circulation.lines;
        let is_left = |no: i32| !gone.used.contains(&no) && !gone.withdrawn.contains(&no);
        let left = self.prescription.facts.lines.iter().any(|line| is_left(line.line_no));
        self.keep_in_hand(sold);
        self.step(if by_line && left { Step::UseSome } else { Step::UseUp })
    }

    /// RX-19: what the patient has from today until it is used up.
    fn keep_in_hand(&mut self, sold: &Dispensing) {
        let today = self.now.civil_date();
        let prescription = Arc::clone(&self.prescription);
        let packed = sold.lines.iter().filter_map(|one| prescription.facts.line(one.line_no));
        for line in packed {
            let days = u64::try_from(line.days).unwrap_or_default();
            let entry = Entry {
                id: self.make_id(),
                person_id: self.circulation.person_id,
                area: self.circulation.pooling_area.clone(),
                from: today,
                to: today.checked_add_days(Days::new(days)).unwrap_or(today),
                content: Content::InHand(InHand {
                    generic_name: line.generic_name.clone(),
                    product_key: line.product_key(),
                    prescription_id: prescription.id,
                }),
            };
            self.changes.entries.push(entry);
        }
    }

    /// The reserved boxes of a dispensing become sold.
    ///
    /// Rule: DS-09 — A box that was sold never becomes sellable again
    fn sell_boxes(&mut self, of: &Dispensing) {
        let known = of.trace_codes().filter_map(|code| self.world.boxes.get(code));
        let sold = known.map(|one| DrugBox { state: BoxState::Sold, ..one.clone() });
        self.changes.boxes.extend(sold);
    }
}
