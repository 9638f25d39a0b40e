//! The way of one prescription through the hands of hospital, patient and pharmacy, as its plan wants it.
//!
//! Every step is a call that a real system would make. What was not expected is noted and ends the errand, not the run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::institution::InstitutionId;
use domain::lifecycle::State;
use domain::prescription::{PrescriptionId, TraceCode};
use domain::verb::{ChooseReply, ReviewReply, StateReply, SubmitReply};
use serde::Deserialize;
use serde_json::json;

use super::counter::Counter;
use super::document::document;
use super::door::{Door, No, Said};
use super::fault::DemoFault;
use super::scenario::{Fate, Plan, Recipe};
use super::tally::Tally;
use super::world::{House, World};

/// Where everything happens.
pub struct Stage {
    pub world: World,
    pub door: Door,
    tally: Mutex<Tally>,
}

/// An accepted prescription in the patient's hand.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub plan: Plan,
    pub prescription_id: PrescriptionId,
    pub pickup_token: String,
}

/// Why an errand ended early.
pub enum Stop {
    /// An answer that the plan did not expect.
    Surprise(String),
    Fault(DemoFault),
}

impl From<DemoFault> for Stop {
    fn from(fault: DemoFault) -> Stop {
        Stop::Fault(fault)
    }
}

/// An answer that has to be a yes.
pub fn yes<T>(step: &str, said: Said<T>) -> Result<T, Stop> {
    said.map_err(|no| Stop::Surprise(format!("{step} was refused: {} {:?}", no.code, no.rules())))
}

#[derive(Deserialize)]
struct AcceptedReply {
    #[serde(flatten)]
    reply: SubmitReply,
    pickup_token: String,
}

#[derive(Deserialize)]
struct CandidatesReply {
    pharmacies: Vec<CandidateReply>,
}

#[derive(Deserialize)]
struct CandidateReply {
    pharmacy_id: InstitutionId,
    /// Everything on the shelf.
    complete: bool,
}

impl Stage {
    pub fn new(world: World, door: Door) -> Stage {
        Stage { world, door, tally: Mutex::default() }
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hospital sends; a ticket if it was accepted.
    pub async fn send(&self, plan: &Plan) -> Result<Option<Ticket>, DemoFault> {
        let (Some(hospital), Some(body)) =
            (self.world.hospitals.get(plan.hospital), document(&self.world, plan))
        else {
            self.tally().surprise(plan, "the world has nothing to prescribe");
            return Ok(None);
        };
        let token = self.door.token_of(hospital).await?;
        let key = format!("demo-submit-{:06}", plan.number);
        let said = self.door.post("/v1/hospital/prescriptions", &token, &key, &body).await?;
        Ok(match said {
            Ok(accepted) => Some(self.accepted(plan, hospital, accepted)),
            Err(no) => {
                self.rejected(plan, &no);
                None
            }
        })
    }

    fn accepted(&self, plan: &Plan, hospital: &House, accepted: AcceptedReply) -> Ticket {
        let AcceptedReply { reply, pickup_token } = accepted;
        let mut tally = self.tally();
        tally.sent += 1;
        tally.accepted += 1;
        tally.self_pay_lines +=
            reply.lines.iter().map(|line| u64::from(line.self_pay)).sum::<u64>();
        tally.issuers.insert(reply.prescription_id, hospital.institution.id);
        if let Some(rule) = plan.rejected_by(&self.world) {
            tally.surprise(plan, format!("accepted, but {rule} should have rejected it"));
        }
        Ticket { plan: plan.clone(), prescription_id: reply.prescription_id, pickup_token }
    }

    fn rejected(&self, plan: &Plan, no: &No) {
        let rules = no.rules();
        let mut tally = self.tally();
        tally.sent += 1;
        tally.rejected += 1;
        tally.numbers_used_before += u64::from(no.code == "DUPLICATE_PRESCRIPTION");
        for rule in &rules {
            *tally.rejected_by_rule.entry(rule.clone()).or_default() += 1;
        }
        let expected = plan.rejected_by(&self.world);
        if !expected.is_some_and(|rule| rules.iter().any(|one| one == rule)) {
            tally.surprise(
                plan,
                format!("rejected by {rules:?} ({}), expected {expected:?}", no.code),
            );
        }
    }

    /// What becomes of an accepted prescription.
    pub async fn collect(
        &self,
        ticket: &Ticket,
        sold_before: &[TraceCode],
    ) -> Result<(), DemoFault> {
        match self.walk(ticket, sold_before).await {
            Ok(()) => Ok(()),
            Err(Stop::Surprise(what)) => {
                self.tally().surprise(&ticket.plan, what);
                Ok(())
            }
            Err(Stop::Fault(fault)) => Err(fault),
        }
    }

    async fn walk(&self, ticket: &Ticket, sold_before: &[TraceCode]) -> Result<(), Stop> {
        match ticket.plan.fate {
            Fate::NeverCollected => return Ok(()),
            Fate::RevokedOpen => return self.revoke(ticket, State::Revoked).await,
            _ => {}
        }
        let Some(counter) = self.choose(ticket, None).await? else { return Ok(()) };
        let lines = counter.claim(ticket).await?;
        let counter = match ticket.plan.fate {
            Fate::Forgotten => return Ok(()),
            Fate::RefusedByPharmacist => return counter.refuse(ticket).await,
            Fate::Released => {
                counter.release(ticket).await?;
                let Some(other) = self.choose(ticket, Some(counter.house)).await? else {
                    return Ok(());
                };
                other.claim(ticket).await?;
                other
            }
            Fate::Queried => {
                counter.review(ticket, "query", "请医师确认用量。").await?;
                self.answer(ticket).await?;
                counter
            }
            _ => counter,
        };
        counter.review(ticket, "approve", "").await?;
        let packed = counter.pack(ticket, &lines);
        if ticket.plan.fate == Fate::ScannedTwice {
            counter.scan_sold(ticket, &packed, sold_before).await?;
        }
        let quote = counter.prepare(ticket, &packed).await?;
        if ticket.plan.fate == Fate::RevokedPacked {
            self.revoke(ticket, State::Frozen).await?;
            return counter.confirm_nothing_left(ticket).await;
        }
        counter.settle(ticket, &packed, quote.quote.personal).await?;
        counter.hand_over(ticket).await
    }

    /// The patient shows token and second factor, reads the list and chooses. None: nobody can serve it.
    async fn choose(
        &self,
        ticket: &Ticket,
        not: Option<&House>,
    ) -> Result<Option<Counter<'_>>, Stop> {
        let Some(patient) = self.world.patients.get(ticket.plan.patient) else { return Ok(None) };
        let token = self.door.admit(&ticket.pickup_token, &patient.last_four()).await?;
        let token = yes("the patient's admission", token)?;
        let sort = if ticket.plan.number.is_multiple_of(3) { "price" } else { "distance" };
        let mut path = format!("/v1/patient/candidates?sort={sort}");
        if let Some(home) = self.world.home(patient.number) {
            path.push_str(&format!("&lon_udeg={}&lat_udeg={}", home.lon_udeg, home.lat_udeg));
        }
        let list: CandidatesReply = self.door.get(&path, &token).await?;
        let not = not.map(|house| house.institution.id);
        let mut able: Vec<InstitutionId> = list
            .pharmacies
            .iter()
            .filter(|one| one.complete && Some(one.pharmacy_id) != not)
            .map(|one| one.pharmacy_id)
            .collect();
        // The order of the list breaks ties by a hash of the id, which time gives; the choice depends on the seed alone.
        able.sort();
        let purpose = if not.is_some() { "second pharmacy" } else { "pharmacy" };
        let chosen = ticket.plan.dice(&self.world, purpose).pick(&able).copied();
        let Some(house) = chosen.and_then(|id| self.world.pharmacy(id)) else {
            self.tally().unserved += 1;
            return Ok(None);
        };
        let key = format!("demo-choose-{purpose}").replace(' ', "-");
        let body = json!({ "pharmacy_id": house.institution.id });
        let said = self.door.post::<ChooseReply>("/v1/patient/choice", &token, &key, &body).await?;
        yes("the patient's choice", said)?;
        Ok(Some(Counter { stage: self, house }))
    }

    fn hospital(&self, ticket: &Ticket) -> Result<&House, Stop> {
        let hospital = self.world.hospitals.get(ticket.plan.hospital);
        hospital.ok_or_else(|| Stop::Surprise("the hospital is gone".to_owned()))
    }

    async fn revoke(&self, ticket: &Ticket, expected: State) -> Result<(), Stop> {
        let token = self.door.token_of(self.hospital(ticket)?).await?;
        let path = format!("/v1/hospital/prescriptions/{}/revocation", ticket.prescription_id);
        let key = format!("demo-revoke-{:06}", ticket.plan.number);
        let body = json!({ "note": "患者改变治疗方案 (演示)" });
        let said = self.door.post::<StateReply>(&path, &token, &key, &body).await?;
        let state = yes("the revocation", said)?.state;
        if state != expected {
            return Err(Stop::Surprise(format!("revoked into {state}, expected {expected}")));
        }
        self.tally().revoked += u64::from(state == State::Revoked);
        Ok(())
    }

    async fn answer(&self, ticket: &Ticket) -> Result<(), Stop> {
        let token = self.door.token_of(self.hospital(ticket)?).await?;
        let path = format!("/v1/hospital/prescriptions/{}/answer", ticket.prescription_id);
        let key = format!("demo-answer-{:06}", ticket.plan.number);
        let body = json!({ "note": "用量无误，请按处方调配。" });
        let said = self.door.post::<ReviewReply>(&path, &token, &key, &body).await?;
        yes("the doctor's answer", said)?;
        Ok(())
    }
}

/// How much of what can happen a prescription's way shows: the lowest is told.
pub fn story_rank(plan: &Plan) -> usize {
    let over_the_year = plan.sent_in.day == 0 && plan.collected_in.day > 0;
    match (plan.recipe, plan.fate) {
        (Recipe::NewIn2025, _) if over_the_year => 0,
        (_, Fate::Queried) => 1,
        _ => 2,
    }
}
