//! The pharmacy packs: boxes scanned and reserved, lot, expiry and price recorded, a quote made (DS-02..DS-05, PRC-01).
//!
//! Preparing again replaces what was prepared before. A box that is sold or reserved elsewhere is refused alone: another
//! box is asked for and the prescription lives (DS-04).

use std::collections::HashSet;

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::check::{self, Ground, Occasion, Packing};
use crate::dispensing::{BoxState, Dispensing, DispensingId, DrugBox};
use crate::finding::Finding;
use crate::institution::InstitutionId;
use crate::knowledge::Knowledge;
use crate::lifecycle::{DispensingState, Review};
use crate::moment::Moment;
use crate::prescription::{PackedLine, PrescriptionId, TraceCode};
use crate::refusal::{Fault, Reason, Refusal};
use crate::settle::{self, Split, Usage};
use crate::world::{Keys, UsageKey};

#[derive(Clone, Debug)]
pub struct Prepare {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    pub lines: Vec<PackedLine>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PrepareReply {
    pub prescription_id: PrescriptionId,
    pub dispensing_id: DispensingId,
    /// Boxes stay reserved as long as the lease is renewed by work.
    pub lease_until: Moment,
    /// What would be paid if it were settled now.
    pub quote: Split,
    /// Why a line is paid by the patient alone or needs attention, by today's edition.
    pub findings: Vec<Finding>,
}

impl Prepare {
    pub fn keys(&self, now: Moment) -> Keys {
        let codes = self.lines.iter().flat_map(|line| line.boxes.iter());
        Keys {
            prescription: Some(self.prescription_id),
            boxes: codes.map(|one| one.trace_code.clone()).collect(),
            usage_year: Some(now.civil_date().year()),
            ..Keys::default()
        }
    }

    // Refused: `NotClaimed`, `NotReviewed`, `PharmacyNotEligible`, `LinesIncomplete` with every difference, `TraceCodeSold` or
    // `TraceCodeReserved` with every such box, `AmountOutOfRange`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::of_holder(desk, self.prescription_id, self.pharmacy_id)?;
        if case.holder()?.review != Review::Approved {
            return Err(Reason::NotReviewed.into());
        }
        case.eligible(self.pharmacy_id)?;
        let faults = case.packing(&self.lines)?.faults;
        if !faults.is_empty() {
            return Err(Refusal::with_faults(Reason::LinesIncomplete, faults));
        }
        case.release_prepared();
        self.boxes_are_free(&case)?;
        let bill = case.bill(&self.lines)?;
        let dispensing = self.dispensing(&mut case, &bill.split);
        self.reserve(&mut case, dispensing.id);
        let reply = PrepareReply {
            prescription_id: self.prescription_id,
            dispensing_id: dispensing.id,
            lease_until: case.holder()?.lease_until,
            quote: bill.split,
            findings: bill.findings,
        };
        let body = json!({
            "dispensing_id": dispensing.id, "total": reply.quote.total, "fund": reply.quote.fund,
            "boxes": dispensing.trace_codes().count(),
        });
        case.changes.dispensings.push(dispensing);
        case.record("prepared", Some(self.pharmacy_id), body);
        case.done(&reply)
    }

    /// Rule: DS-04 — A box is sold once; another box is asked for and the prescription lives
    /// DS-04: every scanned box is unknown or free; boxes of the preparation that this one replaces count as free.
    fn boxes_are_free(&self, case: &Case<'_>) -> Result<(), Refusal> {
        let freed: HashSet<&TraceCode> =
            case.changes.boxes.iter().map(|one| &one.trace_code).collect();
        let mut sold = Vec::new();
        let mut reserved = Vec::new();
        for (line_at, line) in self.lines.iter().enumerate() {
            for (box_at, one) in line.boxes.iter().enumerate() {
                let field = format!("lines[{line_at}].boxes[{box_at}].trace_code");
                match case.world.boxes.get(&one.trace_code).map(|known| known.state) {
                    Some(BoxState::Sold) => sold.push(field),
                    Some(BoxState::Reserved) if !freed.contains(&one.trace_code) => {
                        reserved.push(field)
                    }
                    _ => {}
                }
            }
        }
        let reason =
            if sold.is_empty() { Reason::TraceCodeReserved } else { Reason::TraceCodeSold };
        let about_sold = sold.into_iter().map(|field| (field, Reason::TraceCodeSold));
        let about_reserved = reserved.into_iter().map(|field| (field, Reason::TraceCodeReserved));
        let faults: Vec<Fault> = about_sold
            .chain(about_reserved)
            .map(|(field, why)| Fault::new(field, why.zh(), why.en()))
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(Refusal::with_faults(reason, faults)) }
    }

    fn dispensing(&self, case: &mut Case<'_>, quote: &Split) -> Dispensing {
        Dispensing {
            id: case.make_id(),
            prescription_id: self.prescription_id,
            pharmacy_id: self.pharmacy_id,
            state: DispensingState::Prepared,
            prepared_at: case.now,
            settled_at: None,
            handed_over_at: None,
            quoted_personal: quote.personal,
            lines: self.lines.clone(),
        }
    }

    fn reserve(&self, case: &mut Case<'_>, dispensing_id: DispensingId) {
        let wanted: HashSet<&TraceCode> =
            self.lines.iter().flat_map(|line| &line.boxes).map(|one| &one.trace_code).collect();
        case.changes.boxes.retain(|freed| !wanted.contains(&freed.trace_code));
        for line in &self.lines {
            case.changes.boxes.extend(line.boxes.iter().map(|one| DrugBox {
                trace_code: one.trace_code.clone(),
                state: BoxState::Reserved,
                dispensing_id,
                line_no: line.line_no,
                lot: one.lot.as_str().into(),
                expires_on: one.expires_on,
            }));
        }
    }
}

/// What a dispensing costs today, and by which edition.
pub(super) struct Bill {
    pub split: Split,
    pub findings: Vec<Finding>,
    pub edition: Box<str>,
    pub usage_key: UsageKey,
    pub usage: Usage,
    /// Lines that the fund pays by a row of the list that is carried over or unknown.
    pub unverified: Vec<i32>,
}

impl Case<'_> {
    /// What is wrong with what was packed, and what is to be known of it, today.
    pub(super) fn packing(&self, packed: &[PackedLine]) -> Result<Packing, Refusal> {
        let Knowledge { catalogue, registry, .. } = self.knowledge;
        let (region, day) = (self.region()?, self.now.civil_date());
        let ground = Ground { region, catalogue, registry, day };
        Ok(check::packing(&self.prescription.facts, packed, &ground))
    }

    /// Splits what was packed by the rules of today (CAT-02: the day of settlement decides).
    pub(super) fn bill(&self, packed: &[PackedLine]) -> Result<Bill, Refusal> {
        let today = self.now.civil_date();
        let region = self.region()?;
        let facts = &self.prescription.facts;
        let registry = &self.knowledge.registry;
        let occasion = Occasion {
            facts,
            issuer: registry.institution(self.prescription.institution_id),
            seller: self
                .circulation
                .holder
                .as_ref()
                .and_then(|h| registry.institution(h.pharmacy_id)),
            person: None,
            region,
            knowledge: self.knowledge,
            day: today,
        };
        let mut coverage = check::coverage(&occasion);
        check::price(&mut coverage, packed, &occasion);
        let charges = settle::charges(facts, packed, &coverage.lines);
        let usage_key = UsageKey {
            person_id: self.circulation.person_id,
            attribute: facts.attribute,
            year: today.year(),
        };
        let used = self.world.usages.get(&usage_key).cloned().unwrap_or_default();
        let benefit = region.benefit(facts.attribute, facts.insurance);
        let split = settle::split(&charges, &benefit, &used)?;
        let usage = used.after(&split, benefit.basis).ok_or(Reason::AmountOutOfRange)?;
        let doubtful = coverage.lines.iter().filter(|line| line.payable && !line.verified);
        let unverified = doubtful.map(|line| line.line_no).collect();
        let (findings, edition) = (coverage.findings, coverage.edition);
        Ok(Bill { split, findings, edition, usage_key, usage, unverified })
    }
}
