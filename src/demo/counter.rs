//! A pharmacy at work on one prescription: claim, review, boxes, settlement, hand-over.

use domain::lifecycle::State;
use domain::moment::DAY;
use domain::money::Yuan;
use domain::prescription::{Line, PackedBox, PackedLine, TraceCode};
use domain::verb::{ClaimReply, HandOverReply, PrepareReply, ReviewReply, SettleReply, StateReply};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::door::Said;
use super::errand::{Stage, Stop, Ticket, story_rank, yes};
use super::fault::DemoFault;
use super::tally::{Sale, SoldLine, Story};
use super::world::House;

/// One pharmacy's counter.
#[derive(Clone, Copy)]
pub struct Counter<'a> {
    pub stage: &'a Stage,
    pub house: &'a House,
}

/// What lies on the counter: as it is scanned, and as it is sold.
pub struct Packed {
    lines: Vec<PackedLine>,
    sold: Vec<SoldLine>,
}

impl Counter<'_> {
    pub async fn claim(&self, ticket: &Ticket) -> Result<Vec<Line>, Stop> {
        let token = self.stage.door.token_of(self.house).await?;
        let key = format!("demo-claim-{:06}", ticket.plan.number);
        let body = json!({ "pickup_token": ticket.pickup_token });
        let said =
            self.stage.door.post::<ClaimReply>("/v1/pharmacy/claims", &token, &key, &body).await?;
        let claimed = yes("the claim", said)?;
        self.stage.tally().claimed += 1;
        Ok(claimed.lines)
    }

    pub async fn review(&self, ticket: &Ticket, decision: &str, note: &str) -> Result<(), Stop> {
        let mut dice = ticket.plan.dice(&self.stage.world, "reviewer");
        let mut body =
            json!({ "reviewer": dice.pick(&self.house.pharmacists), "decision": decision });
        if let (false, Some(members)) = (note.is_empty(), body.as_object_mut()) {
            members.insert("note".to_owned(), note.into());
        }
        let key = format!("{decision}-review");
        let said = self.step::<ReviewReply>(ticket, "review", &key, &body).await?;
        yes("the review", said)?;
        self.stage.tally().queried += u64::from(decision == "query");
        Ok(())
    }

    pub async fn refuse(&self, ticket: &Ticket) -> Result<(), Stop> {
        self.review(ticket, "refuse", "用药不适宜 (演示)。").await?;
        self.stage.tally().refused += 1;
        Ok(())
    }

    pub async fn release(&self, ticket: &Ticket) -> Result<(), Stop> {
        let body = json!({ "note": "缺货 (演示)" });
        let said = self.step::<StateReply>(ticket, "release", "release", &body).await?;
        yes("the release", said)?;
        self.stage.tally().released += 1;
        Ok(())
    }

    /// What is taken from the shelf: this house's price and fresh boxes; herbs are weighed and carry no code.
    pub fn pack(&self, ticket: &Ticket, lines: &[Line]) -> Packed {
        let packed: Vec<PackedLine> =
            lines.iter().filter_map(|line| self.pack_line(ticket, line)).collect();
        let sold = lines.iter().zip(&packed).map(|(line, packed)| SoldLine {
            line_no: line.line_no,
            unit_price: packed.unit_price,
            quantity: line.quantity,
        });
        Packed { sold: sold.collect(), lines: packed }
    }

    fn pack_line(&self, ticket: &Ticket, line: &Line) -> Option<PackedLine> {
        let drug = self.stage.world.drug(&line.product_key())?;
        let boxes = if drug.is_piece() { 0 } else { line.quantity.as_whole()? };
        let expires_on = ticket.plan.collected_in.moment().plus(400 * DAY).civil_date();
        let packed = |at: i64| {
            let code = trace_code(ticket.plan.number, line.line_no, at)?;
            Some(PackedBox {
                trace_code: code,
                lot: format!("L{:04}", at + 1).parse().ok()?,
                expires_on,
                units: None,
            })
        };
        let boxes = (0..boxes).map(packed).collect::<Option<Vec<PackedBox>>>()?;
        let unit_price = self.house.price(drug);
        Some(PackedLine { line_no: line.line_no, unit_price, boxes, product: None })
    }

    /// Scans a box that was sold before: the gateway asks for another one, and the prescription lives.
    pub async fn scan_sold(
        &self,
        ticket: &Ticket,
        packed: &Packed,
        sold_before: &[TraceCode],
    ) -> Result<(), Stop> {
        let mut wrong = packed.lines.clone();
        let mut dice = ticket.plan.dice(&self.stage.world, "sold box");
        let first = wrong.iter_mut().find_map(|line| line.boxes.first_mut());
        // In the very first hour nothing has been sold yet.
        let (Some(first), Some(sold)) = (first, dice.pick(sold_before)) else { return Ok(()) };
        first.trace_code = sold.clone();
        let body = json!({ "lines": wrong });
        match self.step::<PrepareReply>(ticket, "preparation", "prepare-0", &body).await? {
            Err(no) if no.code == "TRACE_CODE_SOLD" => {
                self.stage.tally().boxes_replaced += 1;
                Ok(())
            }
            Err(no) => Err(Stop::Surprise(format!("a sold box was refused as {}", no.code))),
            Ok(_) => Err(Stop::Surprise("a sold box was taken".to_owned())),
        }
    }

    pub async fn prepare(&self, ticket: &Ticket, packed: &Packed) -> Result<PrepareReply, Stop> {
        let body = json!({ "lines": packed.lines });
        yes("the preparation", self.step(ticket, "preparation", "prepare-1", &body).await?)
    }

    /// Settles at what the patient was shown.
    pub async fn settle(&self, ticket: &Ticket, packed: &Packed, agreed: Yuan) -> Result<(), Stop> {
        let body = json!({ "agreed_personal": agreed });
        let said = self.step::<SettleReply>(ticket, "settlement", "settle", &body).await?;
        let settled = yes("the settlement", said)?;
        let mut tally = self.stage.tally();
        if settled.split.personal != agreed || settled.state != State::Completed {
            tally.surprise(&ticket.plan, "settled otherwise than agreed");
        }
        if let Some(sold) = packed.lines.iter().find_map(|line| line.boxes.first()) {
            tally.sold.insert(ticket.plan.number, sold.trace_code.clone());
        }
        let story = Story {
            prescription_id: ticket.prescription_id,
            hospital: ticket.plan.hospital,
            pharmacy: self.house.institution.id,
            patient: ticket.plan.patient,
            pickup_token: ticket.pickup_token.clone(),
        };
        tally.stories.insert((story_rank(&ticket.plan), ticket.plan.number), story);
        let patient = self.stage.world.patients.get(ticket.plan.patient);
        if let Some(insurance) = patient.map(|patient| patient.insurance) {
            tally.sales.push(Sale { insurance, lines: packed.sold.clone(), reply: settled });
        }
        Ok(())
    }

    pub async fn hand_over(&self, ticket: &Ticket) -> Result<(), Stop> {
        let said = self.step::<HandOverReply>(ticket, "hand-over", "hand-over", &json!({})).await?;
        yes("the hand-over", said)?;
        self.stage.tally().handed_over += 1;
        Ok(())
    }

    pub async fn confirm_nothing_left(&self, ticket: &Ticket) -> Result<(), Stop> {
        let said =
            self.step::<StateReply>(ticket, "nothing-left", "nothing-left", &json!({})).await?;
        let state = yes("the confirmation", said)?.state;
        if state != State::Revoked {
            return Err(Stop::Surprise(format!("confirmed into {state}")));
        }
        self.stage.tally().revoked += 1;
        Ok(())
    }

    async fn step<T: DeserializeOwned>(
        &self,
        ticket: &Ticket,
        verb: &str,
        key: &str,
        body: &Value,
    ) -> Result<Said<T>, DemoFault> {
        let token = self.stage.door.token_of(self.house).await?;
        let path = format!("/v1/pharmacy/prescriptions/{}/{verb}", ticket.prescription_id);
        let key = format!("demo-{key}-{:06}", ticket.plan.number);
        self.stage.door.post(&path, &token, &key, body).await
    }
}

/// A 20-digit code of a maker that does not exist (identifier 9900000), different for every box of the run.
fn trace_code(plan: usize, line_no: i32, at: i64) -> Option<TraceCode> {
    format!("9900000{plan:07}{line_no:02}{at:04}").parse().ok()
}
