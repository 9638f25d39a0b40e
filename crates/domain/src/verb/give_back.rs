//! Drugs come back, or never left: the settlement is reversed, the year's totals are restored by the stored numbers (RULES §2.5).
//!
//! What left the shop is quarantined for ever (DS-09) and the prescription stays used; what never left is free again, and the
//! prescription with it while it is valid.

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::dispensing::{BoxState, Dispensing, DispensingId, DrugBox};
use crate::institution::InstitutionId;
use crate::lifecycle::{DispensingState, DispensingStep, State, Step};
use crate::moment::Moment;
use crate::money::Yuan;
use crate::prescription::{Line, PrescriptionId, ProductKey};
use crate::refusal::{Reason, Refusal};
use crate::region::Path;
use crate::register::{Content, Entry};
use crate::settle::{PathShare, Reversal, ReversalId, Settlement, Usage};
use crate::world::{Keys, UsageKey};

#[derive(Clone, Debug)]
pub struct GiveBack {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// Which visit, where there are several.
    pub dispensing_id: Option<DispensingId>,
    /// Why: a dispensed drug is taken back for its quality alone.
    pub reason: Box<str>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GiveBackReply {
    pub prescription_id: PrescriptionId,
    pub dispensing_id: DispensingId,
    #[schema(value_type = String)]
    pub reversal_id: ReversalId,
    pub reversed_at: Moment,
    /// `open` where the prescription can be used again.
    pub state: State,
    pub dispensing_state: DispensingState,
    /// What the fund and the patient get back, in yuan.
    pub fund: Yuan,
    pub personal: Yuan,
    pub prior_month: bool,
}

impl GiveBack {
    pub fn keys(&self) -> Keys {
        let prescription = Some(self.prescription_id);
        Keys { prescription, registers: true, settlements: true, alone: true, ..Keys::default() }
    }

    /// Rule: DS-09, SET-04 — Money is reversed exactly; a package that left the shop is never sold again
    // Refused: `NotSettled`, `AlreadyReversed`, `AlreadyDispatched` while it is on the way, `NotFound` for another
    // pharmacy's, `AmountOutOfRange` when the year's totals do not hold what was booked.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        let sold = case.sold_by(self.pharmacy_id, self.dispensing_id)?;
        let state = sold.state.next(DispensingStep::Reverse)?;
        // A parcel that came back was in a courier's hands.
        let failed = sold.state == DispensingState::DeliveryFailed;
        let had_left = sold.handed_over_at.is_some() || failed;
        let settlement = case.world.settlements.get(&sold.id).ok_or(Reason::Internal)?.clone();
        case.restore_usage(&settlement)?;
        let reversal =
            Reversal::of(&settlement, case.make_id(), case.now, had_left, self.reason.clone());
        case.take_boxes_back(&sold, had_left);
        case.end_in_hand(&sold);
        if !had_left {
            case.reopen(&sold)?;
        }
        let reply = GiveBackReply {
            prescription_id: self.prescription_id,
            dispensing_id: sold.id,
            reversal_id: reversal.id,
            reversed_at: case.now,
            state: case.circulation.state,
            dispensing_state: state,
            fund: settlement.split.fund,
            personal: settlement.split.personal,
            prior_month: reversal.prior_month,
        };
        let body = json!({
            "dispensing_id": sold.id, "settlement_id": settlement.id, "reversal_id": reversal.id,
            "fund": reply.fund, "personal": reply.personal, "had_left": had_left,
            "state": reply.state, "reason": self.reason,
        });
        case.changes.dispensings.push(Dispensing { state, ..sold });
        case.changes.reversal = Some(reversal);
        case.record("reversed", Some(self.pharmacy_id), body);
        case.notify_hospital();
        case.done(&reply)
    }
}

impl Case<'_> {
    /// The year totals of every path without what the settlement took, by the numbers that it stored.
    fn restore_usage(&mut self, of: &Settlement) -> Result<(), Refusal> {
        let (person_id, year) = (of.person_id, of.settled_at.civil_date().year());
        for share in self.shares_of(of)? {
            let key = UsageKey { person_id, path: share.path, year };
            let used = self.world.usages.get(&key).cloned().unwrap_or_default();
            let restored = used.without(&share).ok_or(Reason::AmountOutOfRange)?;
            self.changes.usages.push((key, restored));
        }
        Ok(())
    }

    /// As stored; a settlement from before paths were stored took everything from the path of its attribute.
    fn shares_of(&self, of: &Settlement) -> Result<Vec<PathShare>, Refusal> {
        let (facts, day) = (&self.prescription.facts, of.settled_at.civil_date());
        let path = Path::of(facts.attribute).filter(|_| of.split.paths.is_empty());
        let Some(path) = path else { return Ok(of.split.paths.clone()) };
        let region = self.knowledge.region(&self.circulation.pooling_area, day);
        let basis = region.ok_or(Reason::Internal)?.benefit(facts.attribute, facts.insurance).basis;
        let took = Usage::default().after(&of.split, basis).ok_or(Reason::AmountOutOfRange)?;
        Ok(vec![PathShare { path, deductible: took.deductible_used, counted: took.cap_used }])
    }

    fn take_boxes_back(&mut self, of: &Dispensing, had_left: bool) {
        let state = if had_left { BoxState::Quarantined } else { BoxState::Free };
        let known = of.trace_codes().filter_map(|code| self.world.boxes.get(code));
        let back = known.map(|one| DrugBox { state, ..one.clone() });
        self.changes.boxes.extend(back);
    }

    /// RX-19: what came back is not in the patient's hands any more.
    fn end_in_hand(&mut self, of: &Dispensing) {
        let (today, id) = (self.now.civil_date(), self.prescription.id);
        let facts = &self.prescription.facts;
        let lines = of.lines.iter().filter_map(|one| facts.line(one.line_no));
        let keys: Vec<ProductKey> = lines.map(Line::product_key).collect();
        let is_of_this = |entry: &Entry| match &entry.content {
            Content::InHand(one) => one.prescription_id == id && keys.contains(&one.product_key),
            _ => false,
        };
        let mine = self.entries().into_iter().filter(is_of_this).filter(|one| one.to > today);
        let ended: Vec<Entry> = mine.map(|one| Entry { to: today.max(one.from), ..one }).collect();
        self.changes.entries.extend(ended);
    }

    /// Its lines can be dispensed again: the prescription is open once more while it is valid.
    fn reopen(&mut self, of: &Dispensing) -> Result<(), Refusal> {
        let back = |no: &i32| of.lines.iter().any(|line| line.line_no == *no);
        self.circulation.lines.used.retain(|no| !back(no));
        let (state, valid) = (self.circulation.state, self.now < self.circulation.valid_until);
        if state == State::Completed && valid {
            self.step(Step::Reopen)?;
        }
        Ok(())
    }
}
