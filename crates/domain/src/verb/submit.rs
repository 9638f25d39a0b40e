//! A hospital sends a prescription: accepted with its numbers, or rejected with every reason at once.
//!
//! The checks of the paper ran before (pure, off the writer); here what needs the store is decided: is the number free (RX-09),
//! and what do the person's registers say?
//! A rejection is recorded as an event and stored, so that a repeated call hears the same.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Answer, Decision, Desk};
use crate::check;
use crate::circulation::Circulation;
use crate::finding::{Finding, Severity, in_order};
use crate::hold::{self, Hold};
use crate::institution::{InstitutionId, PoolingArea};
use crate::lifecycle::State;
use crate::line_states::LineStates;
use crate::moment::Moment;
use crate::prescription::{Facts, PersonId, Prescription, PrescriptionId, Verdict};
use crate::refusal::{Reason, Refusal};
use crate::register::Entries;
use crate::world::{Changes, Event, EventId, Issued, Keys, Newcomer, Sealed};

#[derive(Clone, Debug)]
pub struct Submit {
    pub institution_id: InstitutionId,
    pub pooling_area: PoolingArea,
    pub newcomer: Newcomer,
    pub facts: Facts,
    pub verdict: Verdict,
    pub sealed: Arc<Sealed>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SubmitReply {
    pub prescription_id: PrescriptionId,
    /// 医保处方编号.
    pub hi_rxno: String,
    /// 处方追溯码, printed on the document.
    pub rx_trace_code: String,
    pub state: State,
    pub valid_until: Moment,
    pub edition: Box<str>,
    pub lines: Vec<LineReply>,
    pub findings: Vec<Finding>,
}

/// How a line stands with the fund on the day of issue; the day of settlement decides again (CAT-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineReply {
    pub line_no: i32,
    pub self_pay: bool,
}

impl Submit {
    pub fn keys(&self) -> Keys {
        Keys {
            newcomer: Some(self.newcomer.clone()),
            registers: true,
            number: Some((self.institution_id, self.facts.hosp_rxno.clone())),
            ..Keys::default()
        }
    }

    /// Rule: RX-09 — A hospital uses a number once
    // Refused: `DuplicatePrescription` when the hospital used the number before.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let number = (self.institution_id, self.facts.hosp_rxno.clone());
        if desk.world.numbers.contains_key(&number) {
            return Err(Refusal::at(Reason::DuplicatePrescription, "hosp_rxno"));
        }
        let person_id =
            *desk.world.people.get(&self.newcomer.identity_hash).ok_or(Reason::Internal)?;
        let verdict = self.verdict_on(person_id, &desk)?;
        if verdict.is_rejected() {
            return Ok(self.reject(&verdict, desk));
        }
        let prescription = Arc::new(Prescription {
            id: desk.ids.make(),
            institution_id: self.institution_id,
            person_id,
            pooling_area: self.pooling_area.clone(),
            accepted_at: desk.now,
            facts: self.facts.clone(),
            verdict,
        });
        let region = desk.knowledge.region(&self.pooling_area, desk.now.civil_date());
        let policy = &region.ok_or(Reason::Internal)?.hold;
        let holds = hold::holds(&prescription.verdict.findings, policy, desk.now);
        let changes = Changes {
            circulation: Some(circulation(&prescription, holds)),
            events: vec![accepted(&prescription, desk.ids.make())],
            prescription: Some(Issued {
                prescription: Arc::clone(&prescription),
                sealed: Arc::clone(&self.sealed),
            }),
            ..Changes::default()
        };
        Decision::done(&reply(&prescription), changes)
    }

    /// What the paper showed before, and what the person's registers say now.
    fn verdict_on(&self, person: PersonId, desk: &Desk<'_>) -> Result<Verdict, Refusal> {
        let issuer = desk.knowledge.registry.institution(self.institution_id);
        let (issuer, now) = (issuer.ok_or(Reason::Forbidden)?, desk.now);
        let region = desk.knowledge.region(&self.pooling_area, now.civil_date());
        let counts = |area: &PoolingArea| {
            let pooled = region.is_some_and(|one| one.pools_with(area, self.facts.insurance));
            pooled || *area == self.pooling_area || *area == self.facts.insured_area
        };
        let entries = desk.world.entries_of(person).kept_by(counts);
        let found = check::person(&self.facts, issuer, Entries(&entries), desk.knowledge, now);
        let mut verdict = self.verdict.clone();
        verdict.findings.extend(found);
        in_order(&mut verdict.findings);
        Ok(verdict)
    }

    fn reject(&self, verdict: &Verdict, desk: Desk<'_>) -> Decision {
        let findings = &verdict.findings;
        let rejecting = findings.iter().filter(|one| one.severity == Severity::Reject);
        let rules: Vec<&str> = rejecting.map(|one| &*one.rule).collect();
        let event = Event {
            id: desk.ids.make(),
            prescription_id: None,
            kind: "rejected",
            actor: Some(self.institution_id),
            at: desk.now,
            body: json!({ "hosp_rxno": self.facts.hosp_rxno, "rules": rules, "edition": verdict.edition }),
        };
        let refusal = Refusal::with_findings(Reason::ChecksFailed, findings.clone());
        let changes = Changes { events: vec![event], ..Changes::default() };
        Decision { answer: Answer::Refused(refusal), changes }
    }
}

fn circulation(of: &Prescription, holds: Vec<Hold>) -> Circulation {
    Circulation {
        prescription_id: of.id,
        institution_id: of.institution_id,
        person_id: of.person_id,
        pooling_area: of.pooling_area.clone(),
        state: State::Open,
        valid_until: of.facts.valid_until,
        pickup_rotation: 0,
        claims: 0,
        chosen_pharmacy: None,
        holder: None,
        frozen_until: None,
        lines: LineStates { holds, ..LineStates::default() },
    }
}

fn accepted(new: &Prescription, id: EventId) -> Event {
    let verdict = &new.verdict;
    let self_pay: Vec<i32> =
        line_replies(new).filter(|one| one.self_pay).map(|one| one.line_no).collect();
    Event {
        id,
        prescription_id: Some(new.id),
        kind: "accepted",
        actor: Some(new.institution_id),
        at: new.accepted_at,
        body: json!({
            "person_id": new.person_id, "hosp_rxno": new.facts.hosp_rxno, "lines": new.facts.lines.len(),
            "self_pay_lines": self_pay, "edition": verdict.edition, "catalogue": verdict.catalogue_digest,
            "policy": verdict.policy_digest, "rules_revision": verdict.rules_revision,
        }),
    }
}

fn line_replies(of: &Prescription) -> impl Iterator<Item = LineReply> {
    let reply = |line_no| LineReply { line_no, self_pay: of.verdict.is_self_pay(line_no) };
    of.facts.lines.iter().map(move |line| reply(line.line_no))
}

fn reply(new: &Prescription) -> SubmitReply {
    SubmitReply {
        prescription_id: new.id,
        hi_rxno: new.hi_rxno(),
        rx_trace_code: new.rx_trace_code(),
        state: State::Open,
        valid_until: new.facts.valid_until,
        edition: new.verdict.edition.clone(),
        lines: line_replies(new).collect(),
        findings: new.verdict.findings.clone(),
    }
}
