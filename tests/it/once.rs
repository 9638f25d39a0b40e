//! Exactly once: a command with an idempotency key happens once, however often and however unluckily it is sent.

use domain::refusal::Reason;
use futures_util::future::join_all;
use serde_json::json;

use crate::app::{Engine, Plan, TestApp};
use crate::builders::{packed, plain};
use crate::caller::fresh_key;
use crate::rows::number;

async fn prescriptions(app: &TestApp) -> i64 {
    number(&app.database, "SELECT count(*) FROM prescription")
}

#[actix_web::test]
async fn the_same_key_and_body_get_the_same_bytes_again() {
    Engine::each(async |app| {
        let (form, key) = (plain(), fresh_key());
        let path = "/v1/hospital/prescriptions";
        let first = app.hospital(1).post_as(&key, path, &form.form).await;
        first.ok();
        app.pass(60_000);
        let again = app.hospital(1).post_as(&key, path, &form.form).await;
        assert_eq!(first, again);
        assert_eq!(prescriptions(app).await, 1);
    })
    .await;
}

#[actix_web::test]
async fn every_verb_of_a_pharmacy_answers_a_repeated_call_with_the_same_bytes() {
    Engine::each(async |app| {
        let form = plain();
        let issued = app.issued(&form).await;
        let pharmacy = app.pharmacy(1);
        let at = format!("/v1/pharmacy/prescriptions/{}", issued.id);
        let review = json!({ "reviewer": "P1A", "decision": "approve" });
        let twice = async |path: &str, body| {
            let key = fresh_key();
            let first = pharmacy.post_as(&key, path, &body).await;
            let reply = first.ok();
            assert_eq!(pharmacy.post_as(&key, path, &body).await, first);
            reply
        };
        twice("/v1/pharmacy/claims", json!({ "pickup_token": issued.pickup_token })).await;
        twice(&format!("{at}/review"), review).await;
        let quote = twice(&format!("{at}/preparation"), packed(&form)).await["quote"].clone();
        let agreed = json!({ "agreed_personal": quote["personal"] });
        twice(&format!("{at}/settlement"), agreed).await;
        twice(&format!("{at}/hand-over"), json!({})).await;
        let story = app.story(&issued.id).await;
        assert_eq!(
            story,
            ["accepted", "claimed", "approved", "prepared", "settled", "handed_over"]
        );
    })
    .await;
}

// proves: SET-02
#[actix_web::test]
async fn the_same_key_with_another_body_is_a_mismatch() {
    Engine::each(async |app| {
        let (key, path) = (fresh_key(), "/v1/hospital/prescriptions");
        app.hospital(1).post_as(&key, path, &plain().form).await.ok();
        let other = app.hospital(1).post_as(&key, path, &plain().form).await;
        other.refused(Reason::IdempotencyMismatch);
        assert_eq!(prescriptions(app).await, 1);
        // The key belongs to the caller: another hospital's is another key.
        let theirs = plain().by_hospital(2);
        app.hospital(2).post_as(&key, path, &theirs.form).await.ok();
    })
    .await;
}

#[actix_web::test]
async fn the_same_key_on_another_operation_is_a_mismatch() {
    Engine::each(async |app| {
        let (key, issued) = (fresh_key(), app.claimed(&plain()).await);
        let at = format!("/v1/pharmacy/prescriptions/{}", issued.id);
        let note = json!({ "note": "缺货" });
        app.pharmacy(1).post_as(&key, &format!("{at}/release"), &note).await.ok();
        let other = app.pharmacy(1).post_as(&key, &format!("{at}/nothing-left"), &note).await;
        assert!(other.status >= 400, "{}", other.text);
    })
    .await;
}

#[actix_web::test]
async fn one_call_delivered_many_times_at_once_happens_once() {
    Engine::each(async |app| {
        let (form, key) = (plain(), fresh_key());
        let hospital = app.hospital(1);
        let sends =
            (0..16).map(|_| hospital.post_as(&key, "/v1/hospital/prescriptions", &form.form));
        let replies = join_all(sends).await;
        replies[0].ok();
        assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
        assert_eq!(prescriptions(app).await, 1);
    })
    .await;
}

// proves: RX-09
#[actix_web::test]
async fn one_number_sent_with_many_keys_at_once_is_accepted_once() {
    Engine::each(async |app| {
        let form = plain();
        let hospital = app.hospital(1);
        let replies = join_all((0..16).map(|_| hospital.submit(&form))).await;
        let accepted = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(accepted, 1);
        for refused in replies.iter().filter(|reply| reply.status != 201) {
            assert_eq!(refused.refused_fields(Reason::DuplicatePrescription), ["hosp_rxno"]);
        }
    })
    .await;
}

// proves: RX-09, RX-07
#[actix_web::test]
async fn a_rejection_is_repeated_and_leaves_its_number_free() {
    Engine::each(async |app| {
        let rejected = plain().with("/diagnoses", json!([]));
        let (key, path) = (fresh_key(), "/v1/hospital/prescriptions");
        let first = app.hospital(1).post_as(&key, path, &rejected.form).await;
        first.refused(Reason::ChecksFailed);
        assert_eq!(app.hospital(1).post_as(&key, path, &rejected.form).await, first);
        let corrected = rejected.with("/diagnoses", json!(["I10.x00x002"]));
        app.hospital(1).submit(&corrected).await.ok();
    })
    .await;
}

// A refusal that the state caused is not kept: the same call may succeed later.
#[actix_web::test]
async fn a_refusal_that_the_state_caused_is_decided_anew() {
    Engine::each(async |app| {
        let issued = app.claimed(&plain()).await;
        let (key, claim) = (fresh_key(), json!({ "pickup_token": issued.pickup_token }));
        let refused = app.pharmacy(2).post_as(&key, "/v1/pharmacy/claims", &claim).await;
        refused.refused(Reason::AlreadyClaimed);
        app.pharmacy(1).release(&issued.id).await.ok();
        app.pharmacy(2).post_as(&key, "/v1/pharmacy/claims", &claim).await.ok();
    })
    .await;
}

/// Submits while `fault` happens: the answer is right and the prescription there once.
async fn survives(fault: fn(&store::Faults)) {
    let faults = store::Faults::default();
    let plan = || Plan { faults: faults.clone(), ..Plan::default() };
    Engine::each_with(plan, async |app| {
        for round in 1..=5 {
            fault(&faults);
            let (form, key) = (plain(), fresh_key());
            let first =
                app.hospital(1).post_as(&key, "/v1/hospital/prescriptions", &form.form).await;
            first.ok();
            let again =
                app.hospital(1).post_as(&key, "/v1/hospital/prescriptions", &form.form).await;
            assert_eq!(first, again);
            app.hospital(1).submit(&form).await.refused(Reason::DuplicatePrescription);
            assert_eq!(prescriptions(app).await, round);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_commit_whose_answer_was_lost_is_found_again() {
    survives(|faults| faults.lose_after_commit(1)).await;
}

#[actix_web::test]
async fn a_commit_that_was_lost_itself_is_done_again() {
    survives(|faults| faults.lose_before_commit(1)).await;
}

#[actix_web::test]
async fn a_lost_settlement_moves_the_money_once() {
    let faults = store::Faults::default();
    let plan = || Plan { faults: faults.clone(), ..Plan::default() };
    Engine::each_with(plan, async |app| {
        let (issued, personal) = app.plain_prepared().await;
        faults.lose_after_commit(1);
        app.pharmacy(1).settle(&issued.id, &personal).await.ok();
        assert_eq!(number(&app.database, "SELECT count(*) FROM settlement"), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_database_that_is_gone_after_the_commit_leaves_the_outcome_open_until_asked_again() {
    let faults = store::Faults::default();
    let plan = || Plan { faults: faults.clone(), ..Plan::default() };
    Engine::each_with(plan, async |app| {
        let (form, key, path) = (plain(), fresh_key(), "/v1/hospital/prescriptions");
        faults.lose_after_commit(1);
        faults.refuse_connections(100);
        app.hospital(1).post_as(&key, path, &form.form).await.refused(Reason::Uncertain);
        faults.refuse_connections(0);
        app.hospital(1).post_as(&key, path, &form.form).await.ok();
        assert_eq!(prescriptions(app).await, 1);
    })
    .await;
}
