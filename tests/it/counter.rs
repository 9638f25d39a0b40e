//! At the counter and at the door: credential read, proxy, ordered in, delivered, taken back by the doctor.

use domain::moment::{DAY, HOUR, MINUTE, Moment};
use domain::refusal::Reason;
use serde_json::{Value, json};

use crate::app::{Engine, Plan, TestApp};
use crate::builders::{AMLODIPINE, METFORMIN, Rx, packed, plain, rx};
use crate::town::{Town, pharmacist};

/// Reads the patient's credential at a pharmacy: the open prescriptions.
async fn read(app: &TestApp, n: i64, form: &Rx) -> Vec<Value> {
    let credential = json!({ "id_number": form.form["patient"]["id_number"] });
    let open = app.pharmacy(n).post("/v1/pharmacy/authorisations", &credential).await.ok();
    open.as_array().unwrap().clone()
}

async fn claim(app: &TestApp, n: i64, authorisation: &Value) -> crate::caller::Reply {
    let body = json!({ "authorisation": authorisation["authorisation"] });
    app.pharmacy(n).post("/v1/pharmacy/claims", &body).await
}

// proves: RX-16
#[actix_web::test]
async fn a_credential_that_was_read_is_good_for_one_claim_of_that_pharmacy_for_five_minutes() {
    Engine::each(async |app| {
        let form = plain();
        let issued = app.issued(&form).await;
        let open = read(app, 1, &form).await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0]["prescription_id"], issued.id.as_str());
        claim(app, 2, &open[0]).await.refused(Reason::PickupTokenInvalid);
        let old = open[0].clone();
        app.pass(5 * MINUTE);
        claim(app, 1, &old).await.refused(Reason::PickupTokenInvalid);
        let fresh = read(app, 1, &form).await.remove(0);
        claim(app, 1, &fresh).await.ok();
        assert_eq!(read(app, 1, &form).await.len(), 0, "it is not open any more");
        app.pharmacy(1).release(&issued.id).await.ok();
        claim(app, 1, &fresh).await.refused(Reason::PickupTokenInvalid);
        assert_eq!(read(app, 1, &plain()).await.len(), 0, "a stranger has nothing");
    })
    .await;
}

// proves: RX-16
#[actix_web::test]
async fn somebody_else_collects_with_both_identities_and_leaves_only_a_pseudonym() {
    Engine::each(async |app| {
        let form = plain();
        let (issued, personal) = app.prepared(&form).await;
        app.pharmacy(1).settle(&issued.id, &personal).await.ok();
        let proxy = json!({ "proxy_id_number": "990101198001019999" });
        let path = format!("/v1/pharmacy/prescriptions/{}/hand-over", issued.id);
        app.pharmacy(1).post(&path, &proxy).await.ok();
        let timeline = format!("/v1/regulator/prescriptions/{}/timeline", issued.id);
        let story = app.regulator().get(&timeline).await.ok();
        let last = story.as_array().unwrap().last().unwrap();
        assert_eq!(last["body"]["proxy"].as_str().unwrap().len(), 64);
        assert!(!story.to_string().contains("990101198001019999"));
    })
    .await;
}

// proves: RTE-03
#[actix_web::test]
async fn a_promise_keeps_the_prescription_until_then_and_never_beyond_its_end() {
    Engine::each(async |app| {
        let form = plain();
        let issued = app.claimed(&form).await;
        let path = format!("/v1/pharmacy/prescriptions/{}/order", issued.id);
        let promise = |at: Moment| json!({ "promised_at": at });
        let (pharmacy, now) = (app.pharmacy(1), app.now());
        for at in [now, now.plus(3 * DAY + MINUTE)] {
            let refused = pharmacy.post(&path, &promise(at)).await;
            assert_eq!(refused.refused_fields(Reason::PromiseTooLate), ["promised_at"]);
        }
        app.pharmacy(2).post(&path, &promise(now.plus(DAY))).await.refused(Reason::NotClaimed);
        pharmacy.post(&path, &promise(now.plus(DAY))).await.ok();
        app.pass(20 * HOUR);
        app.pharmacy(2).claim(&issued.pickup_token).await.refused(Reason::AlreadyClaimed);
        app.pharmacy(1).review(&issued.id, &pharmacist(1), "approve").await.ok();
        app.pass(5 * HOUR);
        app.pharmacy(2).claim(&issued.pickup_token).await.ok();
    })
    .await;
}

// proves: RTE-06
#[actix_web::test]
async fn a_delivery_leaves_after_settlement_may_fail_and_is_signed_for_once() {
    let town = || Plan::with_town(Town::with(2).delivering(1));
    Engine::each_with(town, async |app| {
        let form = plain();
        let (issued, personal) = app.prepared(&form).await;
        let at = |verb: &str| format!("/v1/pharmacy/prescriptions/{}/{verb}", issued.id);
        let (pharmacy, note) = (app.pharmacy(1), json!({ "note": "骑手 7 号" }));
        pharmacy.post(&at("dispatch"), &note).await.refused(Reason::NotSettled);
        pharmacy.settle(&issued.id, &personal).await.ok();
        app.pharmacy(2).post(&at("dispatch"), &note).await.refused(Reason::DeliveryNotOffered);
        pharmacy.post(&at("signature"), &json!({})).await.refused(Reason::NotDispatched);
        pharmacy.post(&at("dispatch"), &note).await.ok();
        pharmacy.hand_over(&issued.id).await.refused(Reason::AlreadyDispatched);
        pharmacy.post(&at("delivery-failure"), &note).await.ok();
        pharmacy.post(&at("dispatch"), &note).await.ok();
        let signed = pharmacy.post(&at("signature"), &json!({})).await.ok();
        assert_eq!(signed["dispensing_state"], "handed_over");
        pharmacy.post(&at("signature"), &json!({})).await.refused(Reason::AlreadyHandedOver);
    })
    .await;
}

// proves: RV-01
#[actix_web::test]
async fn the_doctor_takes_a_line_back_and_the_others_are_dispensed() {
    Engine::each(async |app| {
        let form = rx().line(METFORMIN, 1).line(AMLODIPINE, 1);
        let issued = app.claimed(&form).await;
        app.pharmacy(1).review(&issued.id, &pharmacist(1), "query").await.ok();
        let path = format!("/v1/hospital/prescriptions/{}/answer", issued.id);
        let answer = |lines: &[i32]| json!({ "note": "撤回", "withdrawn": lines });
        let hospital = app.hospital(1);
        let unknown = hospital.post(&path, &answer(&[3])).await;
        assert_eq!(unknown.refused_fields(Reason::LinesIncomplete), ["withdrawn[0]"]);
        let all = hospital.post(&path, &answer(&[1, 2])).await;
        assert_eq!(all.refused_fields(Reason::LinesIncomplete), ["withdrawn"]);
        hospital.post(&path, &answer(&[2])).await.ok();
        app.pharmacy(1).review(&issued.id, &pharmacist(1), "approve").await.ok();
        let both = packed(&form);
        let refused = app.pharmacy(1).prepare(&issued.id, &both).await;
        assert_eq!(refused.refused_fields(Reason::LineWithdrawn), ["lines[1].line_no"]);
        let first = json!({ "lines": [both["lines"][0]] });
        let quote = app.pharmacy(1).prepare(&issued.id, &first).await.ok();
        app.pharmacy(1).settle(&issued.id, &quote["quote"]["personal"]).await.ok();
        assert_eq!(app.state(&issued.id).await, "completed");
    })
    .await;
}

#[actix_web::test]
async fn an_uploaded_count_is_shown_to_patients_and_an_older_one_changes_nothing() {
    Engine::each(async |app| {
        let issued = app.issued(&plain()).await;
        let count = |quantity: &str, as_of: Moment| {
            let item = json!({
                "generic_name": METFORMIN.name, "dosage_form": METFORMIN.form, "spec": METFORMIN.spec,
                "quantity": quantity, "unit_price": "12.50",
            });
            json!({ "as_of": as_of, "items": [item] })
        };
        let pharmacy = app.pharmacy(1);
        pharmacy.post("/v1/pharmacy/stock", &count("9", app.now())).await.ok();
        pharmacy.post("/v1/pharmacy/stock", &count("0", app.now().plus(-HOUR))).await.ok();
        let bad = pharmacy.post("/v1/pharmacy/stock", &count("-1", app.now())).await;
        assert_eq!(bad.refused_fields(Reason::Malformed), ["items[0]"]);
        let shown = app.patient(&issued).get("/v1/patient/candidates?sort=complete").await.ok();
        let complete: Vec<&Value> = shown["pharmacies"].as_array().unwrap().iter().collect();
        assert_eq!(complete[0]["pharmacy_id"], crate::town::pharmacy(1).to_string());
        assert_eq!(complete[0]["complete"], true, "{shown}");
    })
    .await;
}
