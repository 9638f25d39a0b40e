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
use crate::check::{self, Coverage, Ground, Occasion, Packing};
use crate::dispensing::{BoxState, Dispensing, DispensingId, DrugBox};
use crate::finding::Finding;
use crate::institution::InstitutionId;
use crate::knowledge::Knowledge;
use crate::lifecycle::{DispensingState, Review};
use crate::moment::Moment;
use crate::prescription::{PackedLine, PrescriptionId, TraceCode};
use crate::refusal::{Fault, Reason, Refusal};
use crate::register::{Entries, Entry};
use crate::settle::{self, Charge, PathCharges, Split, Usage};
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
    pub fn keys(&self) -> Keys {
        let codes = self.lines.iter().flat_map(|line| line.boxes.iter());
        Keys {
            prescription: Some(self.prescription_id),
            boxes: codes.map(|one| one.trace_code.clone()).collect(),
            registers: true,
            alone: true,
            ..Keys::default()
        }
    }

    // Refused: `NotClaimed`, `NotReviewed`, `PharmacyNotEligible`, `LinesIncomplete` with every difference, `LineHeld`,
    // `LineWithdrawn` or `LineUsed` with every such line, `TraceCodeSold` or
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
        self.lines_are_open(&case)?;
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

    /// Every line that may not be packed now, each with its reason; the first of the table names the refusal.
    fn lines_are_open(&self, case: &Case<'_>) -> Result<(), Refusal> {
        let states = &case.circulation.lines;
        let packed = self.lines.iter().enumerate();
        let closed: Vec<(usize, Reason)> = packed
            .filter_map(|(at, line)| Some((at, states.refusal(line.line_no, case.now)?)))
            .collect();
        let Some((_, first)) = closed.first() else { return Ok(()) };
        let fault = |(at, why): &(usize, Reason)| {
            Fault::new(format!("lines[{at}].line_no"), why.zh(), why.en())
        };
        Err(Refusal::with_faults(*first, closed.iter().map(fault).collect()))
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
                    Some(BoxState::Sold | BoxState::Quarantined) => sold.push(field),
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
    /// Year totals as they would be, by path.
    pub usages: Vec<(UsageKey, Usage)>,
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

    /// Splits what was packed by the rules of today (CAT-02: the day of settlement decides), each line by its own path.
    pub(super) fn bill(&self, packed: &[PackedLine]) -> Result<Bill, Refusal> {
        let entries = self.entries();
        let occasion = self.occasion(&entries)?;
        let mut coverage = check::coverage(&occasion);
        check::price(&mut coverage, packed, &occasion);
        coverage.findings.extend(self.packing(packed)?.findings);
        let (states, now) = (&self.circulation.lines, self.now);
        coverage.allow(|hold| states.is_allowed(&hold.rule, hold.line_no, now));
        for line in &mut coverage.lines {
            line.payable &= !states.is_denied(line.line_no, now);
        }
        let charges = settle::charges(occasion.facts, packed, &coverage.lines);
        let shares = self.by_path(charges, &coverage, &occasion)?;
        let (split, used) = settle::split_by_path(shares)?;
        let year = occasion.day.year();
        let person_id = self.circulation.person_id;
        let key = |(path, used)| (UsageKey { person_id, path, year }, used);
        let usages = used.into_iter().map(key).collect();
        let doubtful = coverage.lines.iter().filter(|line| line.payable && !line.verified);
        let unverified = doubtful.map(|line| line.line_no).collect();
        let (findings, edition) = (coverage.findings, coverage.edition);
        Ok(Bill { split, findings, edition, usages, unverified })
    }

    /// Today, at the pharmacy that holds it, with the registers of the person.
    fn occasion<'o>(&'o self, entries: &'o [Entry]) -> Result<Occasion<'o>, Refusal> {
        let registry = &self.knowledge.registry;
        let seller = self.circulation.holder.as_ref().map(|holder| holder.pharmacy_id);
        Ok(Occasion {
            facts: &self.prescription.facts,
            issuer: registry.institution(self.prescription.institution_id),
            seller: seller.and_then(|id| registry.institution(id)),
            person: Some(Entries(entries)),
            region: self.region()?,
            knowledge: self.knowledge,
            day: self.now.civil_date(),
        })
    }

    /// The lines of each path with its terms and what the year has used. A line that no path pays stands with the first.
    fn by_path(
        &self,
        charges: Vec<Charge>,
        coverage: &Coverage,
        occasion: &Occasion<'_>,
    ) -> Result<Vec<PathCharges>, Refusal> {
        let region = occasion.benefit_region().ok_or(Reason::Internal)?;
        let (insurance, year) = (occasion.facts.insurance, occasion.day.year());
        let person_id = self.circulation.person_id;
        let path_of = |no| coverage.lines.iter().find(|one| one.line_no == no)?.path;
        let first = charges.iter().find_map(|one| path_of(one.line_no));
        let mut shares: Vec<PathCharges> = Vec::new();
        for charge in charges {
            let path = path_of(charge.line_no).or(first);
            if let Some(share) = shares.iter_mut().find(|share| share.path == path) {
                share.charges.push(charge);
                continue;
            }
            let level = occasion.benefit_level(path);
            let benefit = region.terms(path, insurance, level, &coverage.kinds);
            let key = path.map(|path| UsageKey { person_id, path, year });
            let used = key.and_then(|key| self.world.usages.get(&key)).cloned().unwrap_or_default();
            shares.push(PathCharges { path, charges: vec![charge], benefit, used });
        }
        Ok(shares)
    }
}
