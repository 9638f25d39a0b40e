//! The prescription as the hospital's system writes it: JSON for the door, made from a plan.

use domain::moment::{DAY, HOUR, MINUTE};
use domain::prescription::{ItemKind, RxAttribute};
use serde_json::{Value, json};

use super::dice::Dice;
use super::scenario::{Plan, Recipe, parts};
use super::world::{Drug, House, Part, World};

/// The prescription of a plan as its hospital sends it.
pub fn document(world: &World, plan: &Plan) -> Option<Value> {
    let hospital = world.hospitals.get(plan.hospital)?;
    let patient = world.patients.get(plan.patient)?;
    let mut dice = plan.dice(world, "document");
    let drugs = drugs(world, plan.recipe, &mut dice);
    let (doctor, reviewer) = signers(hospital, plan.recipe, &mut dice)?;
    let issued_at = match plan.recipe {
        Recipe::InTheFuture => plan.sent_in.moment().plus(2 * HOUR),
        _ => plan.sent_in.moment().plus(-MINUTE),
    };
    let valid_days = match plan.recipe {
        Recipe::ValidTooLong => 7,
        _ => 3,
    };
    let terms = terms(plan.recipe);
    let lines: Vec<Value> = drugs.iter().map(|drug| line(drug, plan.recipe, &terms)).collect();
    let mut diagnoses: Vec<&str> = drugs.iter().map(|drug| &*drug.diagnosis).collect();
    diagnoses.dedup();
    if plan.recipe == Recipe::NoDiagnosis {
        diagnoses.clear();
    }
    Some(json!({
        "hosp_rxno": number(plan),
        "biz_type": "visit",
        "attribute": attribute(&drugs, &mut dice),
        "issued_at": issued_at,
        "valid_until": issued_at.plus(valid_days * DAY),
        "long_rx": terms.long,
        "long_rx_confirmed": terms.long,
        "doctor": doctor,
        "reviewer": reviewer,
        "patient": {
            "name": patient.name, "id_number": patient.id_number, "sex": patient.sex,
            "birth_date": patient.birth_date, "insured_area": patient.insured_area,
            "insurance": patient.insurance,
        },
        "diagnoses": diagnoses,
        "lines": lines,
    }))
}

/// The hospital's own number.
pub fn number(plan: &Plan) -> String {
    format!("DEMO-{:06}", plan.carries + 1)
}

/// Days of supply of a recipe.
struct Terms {
    days: i32,
    long: bool,
}

fn terms(recipe: Recipe) -> Terms {
    match recipe {
        Recipe::Long | Recipe::AntimicrobialOnLong => Terms { days: 28, long: true },
        Recipe::LongTooLong => Terms { days: 100, long: true },
        Recipe::TooManyDays => Terms { days: 30, long: false },
        _ => Terms { days: 7, long: false },
    }
}

/// Dual channel is for negotiated drugs; the rest is outpatient pooling.
fn attribute(drugs: &[&Drug], dice: &mut Dice) -> RxAttribute {
    let dual = drugs.iter().any(|drug| {
        matches!(
            drug.role,
            Part::Negotiated | Part::Restricted | Part::NewIn2025 | Part::Commercial
        )
    });
    if dual || dice.chance(10) { RxAttribute::DualChannel } else { RxAttribute::OutpatientPooling }
}

fn drugs<'a>(world: &'a World, recipe: Recipe, dice: &mut Dice) -> Vec<&'a Drug> {
    let mut known: Vec<&Drug> = parts(recipe).iter().flat_map(|part| world.drugs(*part)).collect();
    let count = match recipe {
        Recipe::Ordinary | Recipe::Long => 1 + dice.below(3),
        Recipe::Ethnic => 1 + dice.below(2),
        Recipe::PieceAlone => 2,
        Recipe::Decoction => known.len(),
        Recipe::SixDrugs => return sixth(&known, dice),
        Recipe::PiecesMixed => {
            let first = dice.pick(&known).copied();
            return first.into_iter().chain(world.drugs(Part::Piece)).collect();
        }
        _ => 1,
    };
    let Some(first) = dice.pick(&known).copied() else { return Vec::new() };
    // What is prescribed together is for one diagnosis.
    known.retain(|drug| {
        drug.diagnosis == first.diagnosis && drug.generic_name != first.generic_name
    });
    let mut chosen = vec![first];
    while chosen.len() < count && !known.is_empty() {
        let at = dice.below(known.len());
        chosen.push(known.swap_remove(at));
    }
    chosen
}

/// Six different drugs: one too many.
fn sixth<'a>(known: &[&'a Drug], dice: &mut Dice) -> Vec<&'a Drug> {
    let start = dice.below(known.len());
    known.iter().cycle().skip(start).take(6).copied().collect()
}

fn signers(hospital: &House, recipe: Recipe, dice: &mut Dice) -> Option<(Box<str>, Box<str>)> {
    let doctor = dice.pick(&hospital.doctors)?.clone();
    let reviewer = dice.pick(&hospital.pharmacists)?.clone();
    Some(match recipe {
        Recipe::UnknownDoctor => ("D540199000000".into(), reviewer),
        Recipe::ReviewedByDoctor => (doctor.clone(), doctor),
        _ => (doctor, reviewer),
    })
}

fn line(drug: &Drug, recipe: Recipe, terms: &Terms) -> Value {
    let approval = match (drug.role, recipe) {
        (Part::Restricted, Recipe::RestrictedNotJudged) => "not_needed",
        (Part::Restricted, Recipe::RestrictedNotMet) => "not_met",
        (Part::Restricted, _) => "met",
        _ => "not_needed",
    };
    let quantity = match drug.kind {
        ItemKind::DecoctionPiece => 70,
        _ => (terms.days + 6) / 7,
    };
    let mut line = json!({
        "kind": drug.kind, "generic_name": drug.generic_name, "dosage_form": drug.dosage_form,
        "spec": drug.spec, "quantity": quantity.to_string(), "days": terms.days,
        "approval": approval, "control": drug.control,
    });
    let code = match recipe {
        // One character short.
        Recipe::WrongCode => Some("XC02CAC046B00201010011".into()),
        _ => drug.code.clone(),
    };
    if let (Some(code), Some(members)) = (code, line.as_object_mut()) {
        members.insert("drug_code".to_owned(), code.as_ref().into());
    }
    line
}
