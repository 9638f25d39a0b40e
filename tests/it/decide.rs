//! The laws of the verbs, on worlds in memory: random sequences of commands, no store and no server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::circulation::Circulation;
use domain::dispensing::BoxState;
use domain::id::{Id, IdMaker};
use domain::institution::{InstitutionId, Registry};
use domain::knowledge::Knowledge;
use domain::lifecycle::State;
use domain::line_states::LineStates;
use domain::moment::{MINUTE, Moment};
use domain::money::{Quantity, Yuan};
use domain::prescription::{
    Approval, BizType, Circumstances, Control, Facts, InsuranceType, ItemKind, Line, LineDetails,
    PackedBox, PackedLine, Prescription, PrescriptionId, RxAttribute, Sex, TraceCode, Verdict,
};
use domain::refusal::Refusal;
use domain::verb::{
    AnswerQuery, Claim, ConfirmNothingLeft, Decide, Decision, Desk, Dispatch, GiveBack, HandOver,
    Lapse, Order, Prepare, Proof, Release, Review, Revoke, Settle, SignFor, Verb,
};
use domain::world::World;
use proptest::prelude::*;

use crate::app::knowledge;
use crate::builders::MORNING;
use crate::town::{Town, day, hospital, pharmacist, pharmacy};

/// Who does what to which prescription; numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
struct Wish {
    what: u8,
    rx: u8,
    by: u8,
    box_at: u8,
    minutes: u16,
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let minutes = prop_oneof![8 => 0_u16..10, 2 => 10_u16..60, 1 => 60_u16..5_000];
    let wish = (0_u8..14, 0_u8..2, 0_u8..3, 0_u8..4, minutes);
    let wish =
        wish.prop_map(|(what, rx, by, box_at, minutes)| Wish { what, rx, by, box_at, minutes });
    proptest::collection::vec(wish, 1..80)
}

fn known() -> Knowledge {
    let Town { institutions, practitioners } = Town::with(3).delivering(1);
    Knowledge { registry: Arc::new(Registry::new(1, institutions, practitioners)), ..knowledge() }
}

fn morning() -> Moment {
    MORNING.parse().unwrap()
}

fn rx_id(n: u8) -> PrescriptionId {
    Id::new(i64::from(n % 2) + 1)
}

fn facts() -> Facts {
    let line = Line {
        line_no: 1,
        kind: ItemKind::Western,
        drug_code: None,
        generic_name: "二甲双胍".into(),
        dosage_form: "片剂".into(),
        spec: "0.25g*48片".into(),
        quantity: Quantity::from_ten_thousandths(20_000),
        days: 7,
        approval: Approval::NotNeeded,
        control: Control::None,
        details: LineDetails::default(),
    };
    Facts {
        hosp_rxno: "R1".into(),
        biz_type: BizType::Visit,
        attribute: RxAttribute::DualChannel,
        issued_at: morning(),
        valid_until: morning().plus(3 * domain::moment::DAY),
        emergency: false,
        long_rx: false,
        long_rx_confirmed: false,
        quantity_reason: None,
        insured_area: "540100".parse().unwrap(),
        insurance: InsuranceType::Employee,
        sex: Sex::Female,
        birth_date: day(1970, 1, 1),
        doctor: "D1".into(),
        reviewer: "HP1".into(),
        diagnoses: vec!["I10.x00x002".into()],
        lines: vec![line],
        circumstances: Circumstances::default(),
    }
}

/// Two open prescriptions of the first hospital for one person.
fn world() -> World {
    let mut world = World::default();
    for n in 0..2 {
        let verdict = Verdict {
            findings: Vec::new(),
            edition: "2025".into(),
            catalogue_digest: "".into(),
            policy_digest: "".into(),
            rules_revision: 1,
        };
        let prescription = Prescription {
            id: rx_id(n),
            institution_id: hospital(1),
            person_id: Id::new(9),
            pooling_area: "540100".parse().unwrap(),
            accepted_at: morning(),
            facts: facts(),
            verdict,
        };
        let circulation = Circulation {
            prescription_id: rx_id(n),
            institution_id: hospital(1),
            person_id: Id::new(9),
            pooling_area: "540100".parse().unwrap(),
            state: State::Open,
            valid_until: prescription.facts.valid_until,
            pickup_rotation: 0,
            claims: 0,
            chosen_pharmacy: None,
            holder: None,
            frozen_until: None,
            lines: LineStates::default(),
        };
        world.prescriptions.insert(prescription.id, Arc::new(prescription));
        world.circulations.insert(circulation.prescription_id, circulation);
    }
    world
}

fn boxes(from: u8) -> Vec<PackedBox> {
    let code = |n: u8| format!("8000001000000000{:04}", n % 4).parse::<TraceCode>().unwrap();
    let one = |n| PackedBox {
        trace_code: code(n),
        lot: "L1".parse().unwrap(),
        expires_on: day(2028, 1, 1),
        units: None,
    };
    vec![one(from), one(from + 1)]
}

/// What a pharmacy does with what it sold.
fn after_settlement(wish: Wish, pharmacy_id: InstitutionId) -> Verb {
    let (prescription_id, dispensing_id) = (rx_id(wish.rx), None);
    let (note, reason, proxy) = ("".into(), "".into(), None);
    match wish.box_at {
        0 => Verb::HandOver(HandOver { pharmacy_id, prescription_id, dispensing_id, proxy }),
        1 => Verb::GiveBack(GiveBack { pharmacy_id, prescription_id, dispensing_id, reason }),
        2 => Verb::Dispatch(Dispatch { pharmacy_id, prescription_id, dispensing_id, note }),
        _ => Verb::SignFor(SignFor { pharmacy_id, prescription_id, dispensing_id, proxy }),
    }
}

/// The verb of a wish. A settlement agrees to whatever was quoted last.
fn verb(wish: Wish, world: &World) -> Verb {
    let (prescription_id, pharmacy_id) = (rx_id(wish.rx), pharmacy(i64::from(wish.by) + 1));
    let institution_id = hospital(1);
    let review = |decision| {
        let reviewer = pharmacist(i64::from(wish.by) + 1).into();
        Verb::Review(Review { pharmacy_id, prescription_id, reviewer, decision, note: "".into() })
    };
    match wish.what {
        0 | 1 => {
            let proof = Proof::PickupToken { rotation: 0 };
            Verb::Claim(Claim { pharmacy_id, prescription_id, proof, proxy: None })
        }
        2 | 3 => review(Decide::Approve),
        4 => review(Decide::Query),
        5 => {
            let (note, withdrawn) = ("".into(), Vec::new());
            Verb::AnswerQuery(AnswerQuery { institution_id, prescription_id, note, withdrawn })
        }
        6 | 7 => {
            let lines = vec![PackedLine {
                line_no: 1,
                unit_price: Yuan::from_fen(1250),
                boxes: boxes(wish.box_at),
                product: None,
            }];
            Verb::Prepare(Prepare { pharmacy_id, prescription_id, lines })
        }
        8 | 9 => {
            let quoted =
                world.dispensings_of(prescription_id).last().map(|one| one.quoted_personal);
            let agreed_personal = quoted.unwrap_or(Yuan::ZERO);
            Verb::Settle(Settle { pharmacy_id, prescription_id, agreed_personal })
        }
        10 => after_settlement(wish, pharmacy_id),
        11 => Verb::Release(Release { pharmacy_id, prescription_id, reason: "".into() }),
        12 if wish.box_at == 0 => review(Decide::Refuse),
        12 if wish.box_at == 1 => {
            Verb::Revoke(Revoke { institution_id, prescription_id, reason: "".into() })
        }
        12 => Verb::ConfirmNothingLeft(ConfirmNothingLeft { pharmacy_id, prescription_id }),
        13 if wish.box_at == 0 => {
            let promised_at = morning().plus(i64::from(wish.minutes) * MINUTE);
            Verb::Order(Order { pharmacy_id, prescription_id, promised_at })
        }
        _ => Verb::Lapse(Lapse { prescription_id }),
    }
}

fn decide(
    verb: &Verb,
    world: &World,
    knowledge: &Knowledge,
    now: Moment,
) -> Result<Decision, Refusal> {
    // As many ids as were given are behind us: nothing is numbered twice.
    let given = i64::try_from(world.dispensings.len() + world.settlements.len()).unwrap();
    let mut ids = IdMaker::new(now.plus(given), 0);
    verb.decide(Desk { world, knowledge, now, ids: &mut ids })
}

fn states(world: &World) -> BTreeMap<PrescriptionId, State> {
    world.circulations.iter().map(|(id, one)| (*id, one.state)).collect()
}

fn sold(world: &World) -> BTreeSet<TraceCode> {
    let is_sold = |one: &&domain::dispensing::DrugBox| one.state == BoxState::Sold;
    world.boxes.values().filter(is_sold).map(|one| one.trace_code.clone()).collect()
}

fn holds_everywhere(before: &World, after: &World, decision: &Decision) {
    for (id, state) in states(before) {
        let now = states(after)[&id];
        let reopened = decision.changes.reversal.is_some() && now == State::Open;
        assert!(!state.is_terminal() || now == state || reopened, "{id:?}: {state:?} → {now:?}");
    }
    let sold_before = sold(before);
    for one in before.boxes.values() {
        let now = after.boxes[&one.trace_code].state;
        let may_leave = match one.state {
            // By a reversal alone, and to the shelf only what never left the shop.
            BoxState::Sold => decision.changes.reversal.as_ref().is_some_and(|back| {
                now == if back.had_left { BoxState::Quarantined } else { BoxState::Free }
            }),
            BoxState::Quarantined => false,
            BoxState::Free | BoxState::Reserved => true,
        };
        assert!(now == one.state || may_leave, "{:?} left {:?}", one.trace_code, one.state);
    }
    let standing = after.settlements.values().map(|one| one.split.pool);
    let used = after.usages.values().map(|one| one.cap_used);
    assert_eq!(Yuan::total(standing), Yuan::total(used), "the year is not what stands");
    if let Some(back) = &decision.changes.reversal {
        let total = Yuan::total(back.postings.iter().map(|(_, amount)| *amount));
        assert_eq!(total, Some(Yuan::ZERO));
    }
    if let Some(settlement) = &decision.changes.settlement {
        let total = Yuan::total(settlement.postings.iter().map(|(_, amount)| *amount));
        assert_eq!(total, Some(Yuan::ZERO));
        let split = &settlement.split;
        assert_eq!(split.fund.plus(split.personal), Some(split.total));
        let of_this = after.dispensings[&settlement.dispensing_id].trace_codes().cloned();
        assert!(
            of_this.into_iter().all(|code| !sold_before.contains(&code)),
            "a box was sold twice"
        );
    }
    for circulation in after.circulations.values() {
        let holds = circulation.holder.is_some();
        let may_hold = matches!(
            circulation.state,
            State::Claimed | State::Frozen | State::Completed | State::Refused
        );
        assert!(!holds || may_hold, "{circulation:?}");
        let prepared = after
            .dispensings_of(circulation.prescription_id)
            .filter(|one| one.is_prepared())
            .count();
        let may_prepare = matches!(circulation.state, State::Claimed | State::Frozen);
        assert!(
            prepared <= usize::from(may_prepare),
            "{prepared} prepared in {:?}",
            circulation.state
        );
    }
    let mut reserved = BTreeMap::new();
    for one in after.dispensings.values().filter(|one| one.is_prepared()) {
        for code in one.trace_codes() {
            assert_eq!(reserved.insert(code.clone(), one.id), None, "{code} is reserved twice");
            assert_eq!(after.boxes[code].state, BoxState::Reserved);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    // proves: RX-11, DS-01, DS-04, SET-01, SET-02
    #[test]
    fn whatever_is_tried_the_laws_hold(wishes in wishes()) {
        let (knowledge, mut world, mut now) = (known(), world(), morning());
        for wish in wishes {
            now = now.plus(i64::from(wish.minutes) * MINUTE);
            let verb = verb(wish, &world);
            let decided = decide(&verb, &world, &knowledge, now);
            prop_assert_eq!(&decided, &decide(&verb, &world, &knowledge, now), "the same question, another answer");
            let Ok(decision) = decided else { continue };
            let before = world.clone();
            world.apply(&decision.changes);
            holds_everywhere(&before, &world, &decision);
        }
    }

    #[test]
    fn what_time_has_done_is_done_once(wishes in wishes(), later in 0_i64..10_000) {
        let (knowledge, mut world, mut now) = (known(), world(), morning());
        for wish in wishes {
            now = now.plus(i64::from(wish.minutes) * MINUTE);
            let decided = decide(&verb(wish, &world), &world, &knowledge, now);
            let Ok(decision) = decided else { continue };
            world.apply(&decision.changes);
        }
        now = now.plus(later * MINUTE);
        for n in 0..2 {
            let lapse = Verb::Lapse(Lapse { prescription_id: rx_id(n) });
            let computed = world.circulations[&rx_id(n)].state_at(now);
            let first = decide(&lapse, &world, &knowledge, now).unwrap();
            world.apply(&first.changes);
            prop_assert_eq!(world.circulations[&rx_id(n)].state_at(now), world.circulations[&rx_id(n)].state);
            if world.circulations[&rx_id(n)].state != State::Revoked {
                prop_assert_eq!(computed, world.circulations[&rx_id(n)].state);
            }
            let again = decide(&lapse, &world, &knowledge, now).unwrap();
            prop_assert!(again.changes.events.is_empty() && again.changes.boxes.is_empty());
        }
    }
}

#[test]
fn the_laws_are_not_empty_a_whole_flow_is_reached() {
    let (knowledge, mut world, mut now) = (known(), world(), morning());
    let wish = |what| Wish { what, rx: 0, by: 0, box_at: 0, minutes: 1 };
    for what in [0, 2, 6, 8, 10] {
        now = now.plus(MINUTE);
        let decision = decide(&verb(wish(what), &world), &world, &knowledge, now).unwrap();
        world.apply(&decision.changes);
    }
    assert_eq!(states(&world)[&rx_id(0)], State::Completed);
    assert_eq!(sold(&world).len(), 2);
}
