//! What is going to happen: every prescription's content and fate, decided from the seed before anything is sent.
//!
//! A fate is what the people do; what the gateway says to it is the gateway's. A deliberate mistake names the rule that
//! has to reject it, and the run fails when another outcome is seen.

use super::calendar::{ROUNDS, Round};
use super::dice::Dice;
use super::world::{Part, World};

/// What is prescribed, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipe {
    /// One to three drugs for one diagnosis.
    Ordinary,
    Negotiated,
    Ethnic,
    /// Decoction pieces, some of them not payable alone.
    Decoction,
    RestrictedMet,
    ForChild,
    ForWoman,
    ForMan,
    /// Four weeks with the long-prescription flag.
    Long,
    /// A children's drug for a grown-up, a women's drug for a man.
    WrongAge,
    WrongSex,
    // Accepted, and paid by the patient alone.
    RestrictedNotJudged,
    RestrictedNotMet,
    Unlisted,
    Commercial,
    NewIn2025,
    GoneIn2025,
    PieceAlone,
    Preparation,
    // Mistakes.
    Narcotic,
    Psychotropic,
    SixDrugs,
    NoDiagnosis,
    PiecesMixed,
    ValidTooLong,
    TooManyDays,
    LongTooLong,
    AntimicrobialOnLong,
    UnknownDoctor,
    ReviewedByDoctor,
    InTheFuture,
    WrongCode,
    NumberUsedBefore,
}

use Recipe as R;

const RECIPES: [(Recipe, usize); 33] = [
    (R::Ordinary, 330),
    (R::Negotiated, 110),
    (R::Ethnic, 80),
    (R::Decoction, 50),
    (R::RestrictedMet, 60),
    (R::ForChild, 30),
    (R::ForWoman, 25),
    (R::ForMan, 15),
    (R::Long, 40),
    (R::WrongAge, 8),
    (R::WrongSex, 8),
    (R::RestrictedNotJudged, 15),
    (R::RestrictedNotMet, 15),
    (R::Unlisted, 15),
    (R::Commercial, 5),
    (R::NewIn2025, 20),
    (R::GoneIn2025, 15),
    (R::PieceAlone, 12),
    (R::Preparation, 8),
    (R::Narcotic, 12),
    (R::Psychotropic, 8),
    (R::SixDrugs, 12),
    (R::NoDiagnosis, 12),
    (R::PiecesMixed, 10),
    (R::ValidTooLong, 10),
    (R::TooManyDays, 12),
    (R::LongTooLong, 8),
    (R::AntimicrobialOnLong, 10),
    (R::UnknownDoctor, 10),
    (R::ReviewedByDoctor, 8),
    (R::InTheFuture, 8),
    (R::WrongCode, 8),
    (R::NumberUsedBefore, 11),
];

impl Recipe {
    /// The rule that has to reject a mistake; none for what has to be accepted.
    fn rejected_by(self) -> Option<&'static str> {
        match self {
            R::Narcotic | R::Psychotropic => Some("RX-05"),
            R::SixDrugs | R::PiecesMixed => Some("RX-06"),
            R::NoDiagnosis | R::UnknownDoctor => Some("RX-07"),
            R::ValidTooLong | R::InTheFuture => Some("RX-01"),
            R::TooManyDays => Some("RX-02"),
            R::LongTooLong => Some("RX-03"),
            R::AntimicrobialOnLong => Some("RX-04"),
            R::ReviewedByDoctor => Some("RV-04"),
            R::WrongCode => Some("CAT-14"),
            R::NumberUsedBefore => Some("RX-09"),
            R::Ordinary
            | R::Negotiated
            | R::Ethnic
            | R::Decoction
            | R::RestrictedMet
            | R::ForChild
            | R::ForWoman
            | R::ForMan
            | R::Long
            | R::WrongAge
            | R::WrongSex
            | R::RestrictedNotJudged
            | R::RestrictedNotMet
            | R::Unlisted
            | R::Commercial
            | R::NewIn2025
            | R::GoneIn2025
            | R::PieceAlone
            | R::Preparation => None,
        }
    }
}

/// What the people do with an accepted prescription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    Collected,
    /// Collected on the next demo day, or late on the last one.
    CollectedLate,
    /// The pharmacist asks, the doctor answers, then as usual.
    Queried,
    /// A box is scanned that was sold before; another is taken.
    ScannedTwice,
    /// No stock after all: given back, and taken to another pharmacy.
    Released,
    RefusedByPharmacist,
    RevokedOpen,
    /// Revoked while boxes are packed; the pharmacy confirms.
    RevokedPacked,
    /// Claimed and then forgotten: the lease ends, later the validity.
    Forgotten,
    NeverCollected,
}

const FATES: [(Fate, usize); 10] = [
    (Fate::Collected, 55),
    (Fate::CollectedLate, 14),
    (Fate::Queried, 6),
    (Fate::ScannedTwice, 4),
    (Fate::Released, 5),
    (Fate::RefusedByPharmacist, 3),
    (Fate::RevokedOpen, 3),
    (Fate::RevokedPacked, 3),
    (Fate::Forgotten, 2),
    (Fate::NeverCollected, 5),
];

/// One prescription before it exists.
#[derive(Clone, Debug)]
pub struct Plan {
    /// 0, 1, 2 … over all days.
    pub number: usize,
    pub sent_in: Round,
    /// When the patient goes to the pharmacy.
    pub collected_in: Round,
    pub hospital: usize,
    pub patient: usize,
    pub recipe: Recipe,
    pub fate: Fate,
    /// The plan whose number it carries: its own, or wrongly another's.
    pub carries: usize,
}

impl Plan {
    /// The rule that has to reject it; none: it has to be accepted.
    pub fn rejected_by(&self, world: &World) -> Option<&'static str> {
        let day = super::calendar::date(self.sent_in.day);
        let agreed = world.hospitals.get(self.hospital).is_some_and(|one| one.is_agreed_on(day));
        self.recipe.rejected_by().or(if agreed { None } else { Some("PH-04") })
    }

    /// Dice for one purpose of this prescription.
    pub fn dice(&self, world: &World, purpose: &str) -> Dice {
        Dice::of(world.seed, purpose, self.number)
    }
}

/// All prescriptions of the run, `per_day` on each of `days`.
pub fn plans(world: &World, days: usize, per_day: usize) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::with_capacity(days * per_day);
    for number in 0..days * per_day {
        let mut next = plan(world, number, days, per_day);
        if next.recipe == Recipe::NumberUsedBefore {
            let taken = plans.iter().rev().find(|one| {
                one.hospital == next.hospital
                    && one.sent_in < next.sent_in
                    && one.rejected_by(world).is_none()
            });
            match taken {
                Some(taken) => next.carries = taken.number,
                None => next.recipe = Recipe::Ordinary,
            }
        }
        plans.push(next);
    }
    plans
}

fn plan(world: &World, number: usize, days: usize, per_day: usize) -> Plan {
    let mut dice = Dice::of(world.seed, "plan", number);
    let (day, of_day) = (number / per_day.max(1), number % per_day.max(1));
    let sent_in = Round { day, hour: of_day * ROUNDS / per_day.max(1) };
    let recipe = dice.weighted(&RECIPES).unwrap_or(Recipe::Ordinary);
    let fate = dice.weighted(&FATES).unwrap_or(Fate::Collected);
    let late = if day + 1 < days {
        Round { day: day + 1, hour: dice.below(ROUNDS) }
    } else {
        Round { day, hour: ROUNDS }
    };
    // What the list of the next day treats otherwise is collected then, so that the run shows it.
    let over_the_year = matches!(recipe, Recipe::NewIn2025 | Recipe::GoneIn2025) && dice.chance(60);
    let fate = if over_the_year { Fate::CollectedLate } else { fate };
    let collected_in = if fate == Fate::CollectedLate { late } else { sent_in };
    // Bigger hospitals write more: each weighs as its number of doctors.
    let weights: Vec<(usize, usize)> =
        world.hospitals.iter().enumerate().map(|(at, one)| (at, one.doctors.len())).collect();
    let hospital = dice.weighted(&weights).unwrap_or(0);
    let patient = patient_for(world, recipe, &mut dice);
    Plan { number, sent_in, collected_in, hospital, patient, recipe, fate, carries: number }
}

/// Somebody whom the recipe fits: a child for a children's drug.
fn patient_for(world: &World, recipe: Recipe, dice: &mut Dice) -> usize {
    use domain::prescription::Sex::{Female, Male};
    let day = super::calendar::date(0);
    let fits = |one: &&super::patient::Patient| {
        let age = one.age_on(day);
        match recipe {
            R::ForChild => age < 12,
            R::ForWoman => age >= 18 && one.sex == Female,
            R::ForMan | R::WrongSex => age >= 18 && one.sex == Male,
            _ => age >= 18,
        }
    };
    let fitting: Vec<usize> = world.patients.iter().filter(fits).map(|one| one.number).collect();
    dice.pick(&fitting).copied().unwrap_or(0)
}

/// The parts of the formulary that a recipe is made of.
pub fn parts(recipe: Recipe) -> &'static [Part] {
    match recipe {
        R::Negotiated => &[Part::Negotiated],
        R::Ethnic => &[Part::Ethnic],
        R::Decoction => &[Part::Piece, Part::PieceNotAlone],
        R::PieceAlone => &[Part::PieceNotAlone],
        R::RestrictedMet | R::RestrictedNotJudged | R::RestrictedNotMet => &[Part::Restricted],
        R::ForChild | R::WrongAge => &[Part::Child],
        R::ForWoman | R::WrongSex => &[Part::Female],
        R::ForMan => &[Part::Male],
        R::Unlisted => &[Part::Unlisted],
        R::Commercial => &[Part::Commercial],
        R::NewIn2025 => &[Part::NewIn2025],
        R::GoneIn2025 => &[Part::GoneIn2025],
        R::Preparation => &[Part::Preparation],
        R::Narcotic => &[Part::Narcotic],
        R::Psychotropic => &[Part::Psychotropic],
        R::AntimicrobialOnLong => &[Part::Antimicrobial],
        R::Ordinary
        | R::Long
        | R::SixDrugs
        | R::NoDiagnosis
        | R::PiecesMixed
        | R::ValidTooLong
        | R::TooManyDays
        | R::LongTooLong
        | R::UnknownDoctor
        | R::ReviewedByDoctor
        | R::InTheFuture
        | R::WrongCode
        | R::NumberUsedBefore => &[Part::Ordinary],
    }
}
