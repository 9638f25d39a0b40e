//! What happens to a prescription, from the outside: every way it can go, with the reason spelled out.

use domain::institution::AgreementStatus;
use domain::moment::{DAY, HOUR, MINUTE};
use domain::refusal::Reason;
use serde_json::json;

use crate::app::{Engine, Plan};
use crate::builders::{GOLDENROD, ILAPRAZOLE, one_box, packed, packed_at, plain, rx, trace_code};
use crate::town::{self, Town, pharmacist};

// proves: DS-04, DS-09
#[actix_web::test]
async fn a_box_that_was_sold_is_refused_alone_and_another_box_is_taken() {
    Engine::each(async |app| {
        let (first, second) = (plain(), plain());
        let boxes = packed(&first);
        let sold = app.approved(&first).await;
        let quote = app.pharmacy(1).prepare(&sold.id, &boxes).await.ok();
        app.pharmacy(1).settle(&sold.id, &quote["quote"]["personal"]).await.ok();

        let lives = app.approved(&second).await;
        let refused = app.pharmacy(1).prepare(&lives.id, &boxes).await;
        assert_eq!(
            refused.refused_fields(Reason::TraceCodeSold),
            ["lines[0].boxes[0].trace_code", "lines[0].boxes[1].trace_code"]
        );
        assert_eq!(app.state(&lives.id).await, "claimed");
        app.pharmacy(1).prepare(&lives.id, &packed(&second)).await.ok();
    })
    .await;
}

// proves: DS-04
#[actix_web::test]
async fn a_box_reserved_elsewhere_is_refused_until_it_is_given_back() {
    Engine::each(async |app| {
        let (first, second) = (plain(), plain());
        let boxes = packed(&first);
        let holder = app.approved(&first).await;
        app.pharmacy(1).prepare(&holder.id, &boxes).await.ok();
        let other = app.approved(&second).await;
        app.pharmacy(1).prepare(&other.id, &boxes).await.refused(Reason::TraceCodeReserved);
        app.pharmacy(1).release(&holder.id).await.ok();
        app.pharmacy(1).prepare(&other.id, &boxes).await.ok();
    })
    .await;
}

// proves: DS-04
#[actix_web::test]
async fn one_code_packed_twice_in_one_visit_is_refused() {
    Engine::each(async |app| {
        let issued = app.approved(&plain()).await;
        let code = trace_code();
        let twice = json!([one_box(&code), one_box(&code)]);
        let lines = json!({ "lines": [{ "line_no": 1, "unit_price": "1.00", "boxes": twice }] });
        let fields = app.pharmacy(1).prepare(&issued.id, &lines).await;
        let fields = fields.refused_fields(Reason::LinesIncomplete);
        assert!(fields.iter().all(|field| field.starts_with("lines[0]")), "{fields:?}");
    })
    .await;
}

// proves: RX-01
#[actix_web::test]
async fn one_minute_before_its_end_a_prescription_is_claimed_and_one_minute_after_it_is_not() {
    Engine::each(async |app| {
        let (early, late) = (app.issued(&plain()).await, app.issued(&plain()).await);
        app.pass(3 * DAY - MINUTE);
        app.pharmacy(1).claim(&early.pickup_token).await.ok();
        app.pass(2 * MINUTE);
        app.pharmacy(1).claim(&late.pickup_token).await.refused(Reason::PrescriptionExpired);
        assert_eq!(app.state(&late.id).await, "expired");
        assert_eq!(
            app.state(&early.id).await,
            "expired",
            "a claim does not outlive its prescription"
        );
    })
    .await;
}

// proves: CAT-01, CAT-05
#[actix_web::test]
async fn issued_on_31_december_and_settled_on_2_january_the_edition_of_2025_decides() {
    let new_years_eve = || Plan::begins("2025-12-31T16:00:00+08:00");
    Engine::each_with(new_years_eve, async |app| {
        let form = rx().line(ILAPRAZOLE, 1).issued("2025-12-31T15:55:00+08:00");
        let form = form.with("/lines/0/approval", json!("met"));
        let issued = app.issued(&form).await;
        assert_eq!(issued.reply["edition"], "2024");
        app.at("2026-01-02T10:00:00+08:00");
        app.pharmacy(1).claim(&issued.pickup_token).await.ok();
        app.pharmacy(1).review(&issued.id, &pharmacist(1), "approve").await.ok();
        let boxes = packed_at(&form, "63.00");
        let quote = app.pharmacy(1).prepare(&issued.id, &boxes).await.ok()["quote"].clone();
        let settled = app.pharmacy(1).settle(&issued.id, &quote["personal"]).await.ok();
        assert_eq!(settled["edition"], "2025");
        // 63.00 was the standard of the old agreement; by the new one, 10.40 of it is above the standard.
        assert_eq!(settled["split"]["lines"][0]["over_limit"], "10.40");
    })
    .await;
}

// proves: CAT-05
#[actix_web::test]
async fn a_negotiated_drug_is_paid_inside_the_dates_of_its_agreement_and_not_before() {
    Engine::each_with(
        || Plan::begins("2023-06-01T09:00:00+08:00"),
        async |app| {
            let before = rx().line(ILAPRAZOLE, 1).issued("2023-06-01T08:55:00+08:00");
            let reply =
                app.hospital(1).check(&before.with("/lines/0/approval", json!("met"))).await;
            assert!(reply.status < 500, "{}", reply.text);
            app.at("2026-01-05T09:00:00+08:00");
            let inside = rx().line(ILAPRAZOLE, 1).with("/lines/0/approval", json!("met"));
            let accepted = app.hospital(1).check(&inside).await.ok();
            assert_eq!(accepted["lines"][0]["self_pay"], false, "{accepted}");
        },
    )
    .await;
}

// proves: RV-01, RV-02
#[actix_web::test]
async fn a_query_goes_to_the_doctor_and_the_answer_lets_the_review_go_on() {
    Engine::each(async |app| {
        let issued = app.claimed(&plain()).await;
        let pharmacy = app.pharmacy(1);
        app.hospital(1).answer(&issued.id).await.refused(Reason::NotQueried);
        pharmacy.prepare(&issued.id, &packed(&plain())).await.refused(Reason::NotReviewed);
        let queried = pharmacy.review(&issued.id, &pharmacist(1), "query").await.ok();
        assert_eq!(queried["review"], "queried");
        pharmacy.review(&issued.id, &pharmacist(1), "approve").await.refused(Reason::QueryOpen);
        pharmacy.review(&issued.id, &pharmacist(1), "query").await.refused(Reason::QueryOpen);
        app.hospital(2).answer(&issued.id).await.refused(Reason::NotFound);
        let answered = app.hospital(1).answer(&issued.id).await.ok();
        assert_eq!(answered["review"], "pending");
        pharmacy.review(&issued.id, &pharmacist(1), "approve").await.ok();
        pharmacy.review(&issued.id, &pharmacist(1), "query").await.refused(Reason::ReviewClosed);
        assert_eq!(
            app.story(&issued.id).await,
            ["accepted", "claimed", "queried", "answered", "approved"]
        );
    })
    .await;
}

// proves: RV-02
#[actix_web::test]
async fn a_final_refusal_ends_the_prescription_everywhere() {
    Engine::each(async |app| {
        let issued = app.claimed(&plain()).await;
        let reply = app.pharmacy(1).review(&issued.id, &pharmacist(1), "refuse").await.ok();
        assert_eq!(reply["state"], "refused");
        let refused = Reason::PrescriptionRefused;
        app.pharmacy(2).claim(&issued.pickup_token).await.refused(refused);
        app.hospital(1).revoke(&issued.id).await.refused(refused);
    })
    .await;
}

// proves: RV-04
#[actix_web::test]
async fn only_a_pharmacist_registered_there_reviews() {
    Engine::each(async |app| {
        let issued = app.claimed(&plain()).await;
        for reviewer in [pharmacist(2), town::doctor(1), "nobody".to_owned()] {
            let reply = app.pharmacy(1).review(&issued.id, &reviewer, "approve").await;
            assert_eq!(reply.refused_fields(Reason::ReviewerNotRegistered), ["reviewer"]);
        }
        app.pharmacy(1).review(&issued.id, "P1B", "approve").await.ok();
    })
    .await;
}

// proves: RTE-03
#[actix_web::test]
async fn a_second_claim_is_refused_and_a_release_opens_the_way_for_another_pharmacy() {
    Engine::each(async |app| {
        let issued = app.claimed(&plain()).await;
        app.pharmacy(2).claim(&issued.pickup_token).await.refused(Reason::AlreadyClaimed);
        app.pharmacy(2).release(&issued.id).await.refused(Reason::NotClaimed);
        app.pharmacy(1).release(&issued.id).await.ok();
        app.pharmacy(2).claim(&issued.pickup_token).await.ok();
        app.pharmacy(1).settle(&issued.id, &json!("1.00")).await.refused(Reason::NotClaimed);
    })
    .await;
}

// proves: RTE-03
#[actix_web::test]
async fn work_renews_the_lease_and_its_end_frees_the_boxes() {
    Engine::each(async |app| {
        let (first, second) = (plain(), plain());
        let boxes = packed(&first);
        let issued = app.approved(&first).await;
        app.pass(20 * MINUTE);
        app.pharmacy(1).prepare(&issued.id, &boxes).await.ok();
        app.pass(20 * MINUTE);
        let other = app.approved(&second).await;
        app.pharmacy(1).prepare(&other.id, &boxes).await.refused(Reason::TraceCodeReserved);
        app.pass(11 * MINUTE);
        assert_eq!(app.state(&issued.id).await, "open");
        rxgate::worker::expire::pass(app.gate()).await.unwrap();
        app.pharmacy(1).prepare(&other.id, &boxes).await.ok();
        app.pharmacy(2).claim(&issued.pickup_token).await.ok();
    })
    .await;
}

// proves: RX-11
#[actix_web::test]
async fn a_revocation_freezes_what_is_prepared_until_the_pharmacy_confirms() {
    Engine::each(async |app| {
        let (issued, personal) = app.plain_prepared().await;
        let frozen = app.hospital(1).revoke(&issued.id).await.ok();
        assert_eq!(frozen["state"], "frozen");
        let no = Reason::PrescriptionFrozen;
        app.pharmacy(1).settle(&issued.id, &personal).await.refused(no);
        app.pharmacy(1).hand_over(&issued.id).await.refused(no);
        app.pharmacy(2).nothing_left(&issued.id).await.refused(Reason::NotClaimed);
        assert_eq!(app.pharmacy(1).nothing_left(&issued.id).await.ok()["state"], "revoked");
        app.pharmacy(2).claim(&issued.pickup_token).await.refused(Reason::PrescriptionRevoked);
    })
    .await;
}

// proves: RX-11
#[actix_web::test]
async fn silence_until_the_deadline_ends_a_freeze_and_frees_the_boxes() {
    Engine::each(async |app| {
        let (first, second) = (plain(), plain());
        let boxes = packed(&first);
        let issued = app.approved(&first).await;
        app.pharmacy(1).prepare(&issued.id, &boxes).await.ok();
        app.hospital(1).revoke(&issued.id).await.ok();
        app.pass(2 * HOUR - MINUTE);
        assert_eq!(app.state(&issued.id).await, "frozen");
        app.pass(2 * MINUTE);
        assert_eq!(app.state(&issued.id).await, "revoked");
        rxgate::worker::expire::pass(app.gate()).await.unwrap();
        let other = app.approved(&second).await;
        app.pharmacy(1).prepare(&other.id, &boxes).await.ok();
    })
    .await;
}

// proves: RX-11, DS-01, SET-02
#[actix_web::test]
async fn a_used_prescription_is_neither_used_again_nor_revoked() {
    Engine::each(async |app| {
        let issued = app.settled(&plain()).await;
        let used = Reason::PrescriptionUsed;
        app.hospital(1).revoke(&issued.id).await.refused(used);
        app.pharmacy(2).claim(&issued.pickup_token).await.refused(used);
        app.pharmacy(1).settle(&issued.id, &json!("1.00")).await.refused(Reason::AlreadySettled);
        app.pharmacy(2).hand_over(&issued.id).await.refused(Reason::NotFound);
        app.pharmacy(1).hand_over(&issued.id).await.ok();
        app.pharmacy(1).hand_over(&issued.id).await.refused(Reason::AlreadyHandedOver);
    })
    .await;
}

// proves: DS-01, PRC-01
#[actix_web::test]
async fn each_step_waits_for_the_one_before() {
    Engine::each(async |app| {
        let form = plain();
        let issued = app.issued(&form).await;
        let pharmacy = app.pharmacy(1);
        pharmacy.prepare(&issued.id, &packed(&form)).await.refused(Reason::NotClaimed);
        pharmacy.claim(&issued.pickup_token).await.ok();
        pharmacy.hand_over(&issued.id).await.refused(Reason::NotSettled);
        pharmacy.review(&issued.id, &pharmacist(1), "approve").await.ok();
        pharmacy.settle(&issued.id, &json!("1.00")).await.refused(Reason::NotPrepared);
        pharmacy.prepare(&issued.id, &packed(&form)).await.ok();
        let other = pharmacy.settle(&issued.id, &json!("0.01")).await;
        assert_eq!(other.refused_fields(Reason::AmountNotAgreed), ["agreed_personal"]);
        assert_eq!(app.state(&issued.id).await, "claimed");
    })
    .await;
}

// proves: PH-04, RTE-01
#[actix_web::test]
async fn a_suspended_pharmacy_is_neither_shown_nor_chosen_nor_claims() {
    let town = || Plan::with_town(Town::with(3).pharmacy_under(2, AgreementStatus::Suspended));
    Engine::each_with(town, async |app| {
        let issued = app.issued(&plain()).await;
        let patient = app.patient(&issued);
        let shown = patient.get("/v1/patient/candidates?sort=distance").await.ok();
        let shown: Vec<&str> = shown["pharmacies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["pharmacy_id"].as_str().unwrap())
            .collect();
        assert!(!shown.contains(&"1002"), "{shown:?}");
        let choice = json!({ "pharmacy_id": town::pharmacy(2) });
        patient.post("/v1/patient/choice", &choice).await.refused(Reason::PharmacyNotEligible);
        let claim = app.pharmacy(2).claim(&issued.pickup_token).await;
        claim.refused(Reason::PharmacyNotEligible);
        assert_eq!(claim.rules(), ["PH-04"]);
        let choice = json!({ "pharmacy_id": town::pharmacy(3) });
        patient.post("/v1/patient/choice", &choice).await.ok();
        let list = app.pharmacy(3).get("/v1/pharmacy/worklist").await.ok();
        assert_eq!(list["items"][0]["prescription_id"], issued.id.as_str());
        let list = app.pharmacy(1).get("/v1/pharmacy/worklist").await.ok();
        assert_eq!(
            list["items"],
            json!([]),
            "the area's open prescriptions are nobody's work list"
        );
    })
    .await;
}

// proves: SET-01
#[actix_web::test]
async fn an_amount_beyond_all_bounds_is_refused_and_nothing_is_kept() {
    Engine::each(async |app| {
        let form = rx().line(GOLDENROD, 1_000_000);
        let issued = app.approved(&form).await;
        let packed = json!({ "lines": [{ "line_no": 1, "unit_price": "100000000", "boxes": [] }] });
        let pharmacy = app.pharmacy(1);
        pharmacy.prepare(&issued.id, &packed).await.refused(Reason::AmountOutOfRange);
        pharmacy.settle(&issued.id, &json!("1.00")).await.refused(Reason::NotPrepared);
    })
    .await;
}

// proves: RX-16
#[actix_web::test]
async fn a_lost_pick_up_token_is_replaced_and_void_from_that_instant() {
    Engine::each(async |app| {
        let form = plain();
        let issued = app.issued(&form).await;
        app.hospital(2).reissue(&issued.id).await.refused(Reason::NotFound);
        let new = app.hospital(1).reissue(&issued.id).await.ok();
        let found =
            json!({ "pickup_token": issued.pickup_token, "id_last_four": form.last_four() });
        app.nobody().post("/v1/patient/token", &found).await.refused(Reason::PickupTokenInvalid);
        let pharmacy = app.pharmacy(1);
        pharmacy.claim(&issued.pickup_token).await.refused(Reason::PickupTokenInvalid);
        pharmacy.claim(new["pickup_token"].as_str().unwrap()).await.ok();
        app.hospital(1).revoke(&issued.id).await.ok();
        app.hospital(1).reissue(&issued.id).await.refused(Reason::PrescriptionRevoked);
    })
    .await;
}
