//! From a written case to what the rules say of it.
//!
//! Knows which function of [`crate::check`] a step asks; knows no rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::person::{self, SHOP_PHARMACIST, people, register};
use super::place::{HEAD_OFFICE, HOSPITAL, PHARMACY};
use super::written::{FullLine, Step, WrittenLine, WrittenPack};
use super::{Library, RuleCase, policy};
use crate::catalogue::Products;
use crate::check::{
    self, Coverage, DeliveryStep, Errand, Ground, LineCoverage, Occasion, ProcuredUse, Reviewing,
    Sale,
};
use crate::finding::Finding;
use crate::id::Id;
use crate::institution::{InstitutionKind, PoolingArea, Registry};
use crate::knowledge::Knowledge;
use crate::moment::{DAY, MINUTE, Moment};
use crate::money::Quantity;
use crate::prescription::{Facts, ItemKind, Line, PackedBox, PackedLine, Prescription, Verdict};
use crate::recall::Recalls;
use crate::refusal::Fault;
use crate::region::{Region, Regions};
use crate::register::{Entries, Entry, Loaded, Register};
use crate::settle::Benefit;

/// What the rules said.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    pub findings: Vec<Finding>,
    pub faults: Vec<Fault>,
    /// The fund's terms, where the step asks for them.
    pub coverage: Option<Coverage>,
    /// The benefit of each line that has one.
    pub benefits: BTreeMap<i32, Benefit>,
    pub edition: String,
    /// The policy that it was judged by.
    pub region: Option<Region>,
    pub facts: Option<Facts>,
}

impl RuleCase {
    /// Asks the rules. Refused: the case cannot be read as one, in words.
    pub fn judge(&self, library: &Library) -> Result<Judged, String> {
        let scene = Scene::of(self, library)?;
        let mut judged = match self.step {
            Step::Intake => scene.intake(),
            Step::Settle => scene.settle()?,
            Step::Choose => scene.choose(),
            Step::Review => scene.review(),
            Step::Pack => scene.pack()?,
            Step::Collect | Step::Deliver | Step::Report => scene.counter()?,
            Step::Agency => Judged { findings: scene.agency(), ..Judged::default() },
            Step::Procure => {
                let [selected, non_selected, exempt] = self.used.map(Quantity::whole);
                let used = ProcuredUse { selected, non_selected, exempt };
                let findings = check::selected_first(used, &scene.region).into_iter().collect();
                Judged { findings, ..Judged::default() }
            }
        };
        judged.region = Some(scene.region);
        judged.facts = Some(scene.facts);
        Ok(judged)
    }
}

/// Everything of a case, built.
struct Scene<'a> {
    case: &'a RuleCase,
    area: PoolingArea,
    facts: Facts,
    knowledge: Knowledge,
    region: Region,
    entries: Vec<Entry>,
    now: Moment,
}

impl<'a> Scene<'a> {
    fn of(case: &'a RuleCase, library: &Library) -> Result<Scene<'a>, String> {
        let area: PoolingArea = case.area.parse().map_err(|error| format!("{error}"))?;
        let facts = facts(case, &area)?;
        let now = match &case.now {
            Some(text) => moment(text)?,
            None => facts.issued_at.plus(MINUTE),
        };
        let region = policy::of_case(case, &area, library, now.civil_date())?;
        let is_it = |one: &Region| one.area == region.area && one.valid_from == region.valid_from;
        let others = library.regions.iter().filter(|one| !is_it(one)).cloned();
        let regions: Vec<Region> = others.chain([region.clone()]).collect();
        let regions = Regions::new(regions).map_err(|faults| format!("{faults:?}"))?;
        let catalogue = match (case.lists, &library.with_lists) {
            (false, _) => &library.catalogue,
            (true, Some(listed)) => listed,
            (true, None) => return Err("the synthetic lists are not given".to_owned()),
        };
        let knowledge = Knowledge {
            catalogue: Arc::clone(catalogue),
            regions: Arc::new(regions),
            registry: Arc::new(registry(case, &area)?),
            production: false,
        };
        let written = case.registers.iter().flatten();
        let built = written.map(|one| one.build(&facts.insured_area, facts.insurance));
        let entries = built.collect::<Result<Vec<Entry>, String>>()?;
        Ok(Scene { case, area, facts, knowledge, region, entries, now })
    }

    fn occasion(&self) -> Occasion<'_> {
        let registry = &self.knowledge.registry;
        Occasion {
            facts: &self.facts,
            issuer: registry.institution(Id::new(HOSPITAL)),
            seller: registry.institution(Id::new(PHARMACY)),
            person: self.case.registers.as_ref().map(|_| Entries(&self.entries)),
            region: &self.region,
            knowledge: &self.knowledge,
            day: self.now.civil_date(),
        }
    }

    fn at_issue(&self) -> Option<Verdict> {
        let issuer = self.knowledge.registry.institution(Id::new(HOSPITAL))?;
        let arrival = self.facts.issued_at.plus(MINUTE).max(self.now.min(self.facts.valid_until));
        let now = if self.case.step == Step::Intake { self.now } else { arrival };
        Some(check::prescription(&self.facts, issuer, &self.knowledge, now))
    }

    fn intake(&self) -> Judged {
        let Some(verdict) = self.at_issue() else { return Judged::default() };
        let mut findings = verdict.findings;
        let issuer = self.knowledge.registry.institution(Id::new(HOSPITAL));
        if let (Some(_), Some(issuer)) = (&self.case.registers, issuer) {
            let entries = Entries(&self.entries);
            let of_person = check::person(&self.facts, issuer, entries, &self.knowledge, self.now);
            findings.extend(of_person);
        }
        let occasion = Occasion { seller: None, ..self.occasion() };
        let coverage = check::coverage(&occasion);
        let benefits = benefits(&occasion, &coverage);
        let (coverage, edition) = (Some(coverage), verdict.edition.into());
        Judged { findings, coverage, benefits, edition, ..Judged::default() }
    }

    fn settle(&self) -> Result<Judged, String> {
        let occasion = self.occasion();
        let mut coverage = check::coverage(&occasion);
        check::price(&mut coverage, &packed(&self.case.packed)?, &occasion);
        if let Some(verdict) = self.at_issue() {
            coverage.findings.extend(check::changed_since_issue(&verdict, &coverage));
        }
        let (findings, edition) = (coverage.findings.clone(), coverage.edition.to_string());
        let benefits = benefits(&occasion, &coverage);
        let coverage = Some(coverage);
        Ok(Judged { findings, edition, coverage, benefits, ..Judged::default() })
    }

    fn choose(&self) -> Judged {
        let Some(shop) = self.knowledge.registry.institution(Id::new(PHARMACY)) else {
            return Judged::default();
        };
        let prescription = issued(&self.facts, &self.area);
        let (entries, day) = (Entries(&self.entries), self.now.civil_date());
        let errand = Errand::new(&prescription, entries, &self.region, day);
        Judged { findings: check::pharmacy(shop, &errand), ..Judged::default() }
    }

    fn review(&self) -> Judged {
        let Some(pharmacy) = self.knowledge.registry.institution(Id::new(PHARMACY)) else {
            return Judged::default();
        };
        // The plain case has the hospital's pharmacist in its head: here the shop's reviews.
        let reviewer = match self.case.reviewer.as_str() {
            person::PHARMACIST => SHOP_PHARMACIST,
            other => other,
        };
        let reviewing = Reviewing {
            facts: &self.facts,
            pharmacy,
            reviewer,
            remote: self.case.remote,
            suspicion: self.case.suspicion.as_deref(),
            region: &self.region,
        };
        let findings = check::review(&reviewing, &self.knowledge, self.now);
        Judged { findings, ..Judged::default() }
    }

    fn pack(&self) -> Result<Judged, String> {
        let Knowledge { catalogue, registry, .. } = &self.knowledge;
        let (region, day) = (&self.region, self.now.civil_date());
        let ground = Ground { region, catalogue, registry, day };
        let out = check::packing(&self.facts, &packed(&self.case.packed)?, &ground);
        Ok(Judged { findings: out.findings, faults: out.faults, ..Judged::default() })
    }

    fn counter(&self) -> Result<Judged, String> {
        let registry = &self.knowledge.registry;
        let day = self.now.civil_date();
        let shop = registry.institution(Id::new(PHARMACY)).ok_or("no pharmacy")?;
        let findings = match self.case.step {
            Step::Collect => {
                let as_of = registry.loaded.as_of(&self.area, Register::Proxy);
                let entries = Entries(&self.entries);
                let policy = &self.region.proxy;
                check::proxy(&self.case.proxy, entries, as_of, policy, day).into_iter().collect()
            }
            Step::Deliver => {
                let step = match self.case.delivery.as_str() {
                    "dispatched" => DeliveryStep::Dispatch { settled: true },
                    "dispatched unsettled" => DeliveryStep::Dispatch { settled: false },
                    "signed for" => DeliveryStep::SignedFor { identity_shown: true },
                    "signed for without identity" => {
                        DeliveryStep::SignedFor { identity_shown: false }
                    }
                    other => return Err(format!("no such delivery: {other}")),
                };
                check::delivery(step, &self.facts, shop, &self.region.pharmacy)
            }
            _ => {
                let lacks = |what: &str| self.case.lacks.iter().any(|one| one == what);
                let packed = packed(&self.case.packed)?;
                let sale = Sale {
                    facts: &self.facts,
                    packed: &packed,
                    pharmacist_known: !lacks("pharmacist"),
                    settlement_id: (!lacks("settlement")).then_some("S1"),
                };
                check::sale_record(&sale, &self.region.trace, day)
            }
        };
        Ok(Judged { findings, ..Judged::default() })
    }

    fn agency(&self) -> Vec<Finding> {
        let shop = self.knowledge.registry.institution(Id::new(PHARMACY));
        shop.map_or_else(Vec::new, |shop| {
            check::standing(shop, &self.region, self.now.civil_date())
        })
    }
}

/// By which terms each line is paid: those of its path at the level that counts, where the person is insured.
fn benefits(occasion: &Occasion<'_>, covered: &Coverage) -> BTreeMap<i32, Benefit> {
    let region = occasion.benefit_region();
    let of = |line: &LineCoverage| {
        let terms = region?.path(line.path?, occasion.facts.insurance)?;
        let level = occasion.benefit_level(line.path);
        Some((line.line_no, terms.terms(level, &covered.kinds)))
    };
    covered.lines.iter().filter_map(of).collect()
}

fn registry(case: &RuleCase, area: &PoolingArea) -> Result<Registry, String> {
    let shop = |id| case.pharmacy.build(id, InstitutionKind::Pharmacy, area);
    let hospital = case.hospital.build(HOSPITAL, InstitutionKind::Hospital, area);
    let houses = vec![hospital, shop(PHARMACY), shop(HEAD_OFFICE)];
    let mut registry = Registry::new(1, houses, people(&case.suspended));
    let insured_in = case.insured_in.as_ref().unwrap_or(area);
    let names = ["insured", "entitlement", "benefit", "proxy", "in_hand"];
    let loaded = names.into_iter().filter(|name| !case.not_loaded.iter().any(|one| one == name));
    let loaded = loaded.filter_map(register);
    registry.loaded = Loaded::new(loaded.map(|one| ((insured_in.clone(), one), Moment::default())));
    registry.recalls = Recalls::new(case.recalls.clone());
    let mut text = "national_code,generic_name,dosage_form,spec,units_per_pack,maker,approval_no,trace_identifiers\n".to_owned();
    for one in &case.products {
        let (drug, form, spec) = (&one.drug, &one.form, &one.spec);
        text += &format!(",{drug},{form},{spec},{},样例药业,,{}\n", one.units, one.identifier);
    }
    let products = Products::parse("case", text.as_bytes());
    registry.products = Arc::new(products.map_err(|faults| format!("{faults:?}"))?);
    Ok(registry)
}

fn facts(case: &RuleCase, area: &PoolingArea) -> Result<Facts, String> {
    let issued_at = moment(&case.on)?;
    let valid_until = match &case.until {
        Some(text) => moment(text)?,
        None => issued_at.plus(3 * DAY),
    };
    Ok(Facts {
        hosp_rxno: case.number.as_str().into(),
        biz_type: case.biz,
        attribute: case.attribute,
        issued_at,
        valid_until,
        emergency: case.emergency,
        long_rx: case.long,
        long_rx_confirmed: case.confirmed,
        quantity_reason: case.reason.as_deref().map(Box::from),
        insured_area: case.insured_in.as_ref().unwrap_or(area).clone(),
        insurance: case.insurance,
        sex: case.sex,
        birth_date: case.born,
        doctor: case.doctor.as_str().into(),
        reviewer: case.reviewer.as_str().into(),
        diagnoses: case.diagnoses.iter().map(|code| code.as_str().into()).collect(),
        lines: (1..).zip(&case.lines).map(|(no, line)| built(no, line)).collect(),
        circumstances: case.says.clone(),
    })
}

/// A day means its half past nine.
fn moment(text: &str) -> Result<Moment, String> {
    let whole = if text.len() == 10 { format!("{text}T09:30:00+08:00") } else { text.to_owned() };
    whole.parse().map_err(|_| format!("{text}: neither a day nor a time"))
}

fn built(no: i32, line: &WrittenLine) -> Line {
    let full = match line {
        WrittenLine::Name(drug) => FullLine { drug: drug.clone(), ..FullLine::default() },
        WrittenLine::Full(full) => (**full).clone(),
    };
    let code = match (full.code.as_deref(), full.kind) {
        (Some("none"), _) => None,
        (Some(code), _) => Some(code),
        (None, ItemKind::Western) => Some("XA00AAA000A000000000001"),
        (None, ItemKind::ChinesePatent) => Some("ZA00AAA0000000000001"),
        (None, ItemKind::Granule) => Some("T0000000000000000001"),
        (None, ItemKind::DecoctionPiece | ItemKind::InstitutionPreparation) => None,
    };
    Line {
        line_no: full.no.unwrap_or(no),
        kind: full.kind,
        drug_code: code.map(Box::from),
        generic_name: full.drug.into(),
        dosage_form: full.form.into(),
        spec: full.spec.into(),
        quantity: full.qty,
        days: full.days,
        approval: full.approval,
        control: full.control,
        details: full.details,
    }
}

fn packed(written: &[WrittenPack]) -> Result<Vec<PackedLine>, String> {
    let one = |pack: &WrittenPack| {
        let boxes = pack.boxes.iter().map(|text| one_box(text, pack));
        Ok(PackedLine {
            line_no: pack.line,
            unit_price: pack.price,
            boxes: boxes.collect::<Result<Vec<PackedBox>, String>>()?,
            product: pack.product.clone(),
        })
    };
    written.iter().map(one).collect()
}

fn one_box(text: &str, pack: &WrittenPack) -> Result<PackedBox, String> {
    let (code, units) = match text.split_once('/') {
        Some((code, units)) => (code, Some(units.parse().map_err(|_| format!("{text}: units"))?)),
        None => (text, None),
    };
    Ok(PackedBox {
        trace_code: code.parse().map_err(|error| format!("{code}: {error}"))?,
        lot: pack.lot.parse().map_err(|error| format!("{}: {error}", pack.lot))?,
        expires_on: pack.expires,
        units,
    })
}

fn issued(facts: &Facts, area: &PoolingArea) -> Prescription {
    Prescription {
        id: Id::new(10),
        institution_id: Id::new(HOSPITAL),
        person_id: Id::new(1),
        pooling_area: area.clone(),
        accepted_at: facts.issued_at,
        facts: facts.clone(),
        verdict: Verdict {
            findings: Vec::new(),
            edition: "".into(),
            catalogue_digest: "".into(),
            policy_digest: "".into(),
            rules_revision: 0,
        },
    }
}
