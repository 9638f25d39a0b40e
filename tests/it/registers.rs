//! The registers of persons as the agency keeps them, and the lines that wait for somebody's decision.

use domain::moment::DAY;
use domain::refusal::Reason;
use domain::role::Role;
use serde_json::{Value, json};

use crate::app::{Engine, Plan, TestApp, knowledge_where};
use crate::builders::{Rx, packed, plain};
use crate::caller::Caller;
use crate::town::{self, AREA, pharmacist};

fn agency(app: &TestApp) -> Caller {
    app.caller(Role::Agency, AREA.parse().unwrap())
}

/// An entitlement of the patient for one drug at one pharmacy.
fn entitlement(of: &Rx, from: &str, to: &str) -> Value {
    json!({
        "id_number": of.form["patient"]["id_number"], "from": from, "to": to,
        "content": {
            "register": "entitlement", "generic_name": "奥希替尼",
            "pharmacy_id": town::pharmacy(1), "max_quantity": "2",
        },
    })
}

async fn entries(app: &TestApp, of: &Rx) -> Vec<Value> {
    let whose = json!({ "id_number": of.form["patient"]["id_number"] });
    let found = agency(app).post("/v1/agency/entries/search", &whose).await.ok();
    found.as_array().unwrap().clone()
}

// proves: DC-04
#[actix_web::test]
async fn an_entitlement_is_entered_once_for_a_period_and_ends_before_another_begins() {
    Engine::each(async |app| {
        let form = plain();
        let agency = agency(app);
        let first = entitlement(&form, "2026-01-01", "2027-01-01");
        let entered = agency.post("/v1/agency/entries", &first).await.ok();
        let overlapping = entitlement(&form, "2026-06-01", "2028-01-01");
        let refused = agency.post("/v1/agency/entries", &overlapping).await;
        assert_eq!(refused.refused_fields(Reason::EntryOverlaps), ["from"]);
        let backwards = entitlement(&form, "2026-06-01", "2026-06-01");
        let refused = agency.post("/v1/agency/entries", &backwards).await;
        assert_eq!(refused.refused_fields(Reason::Malformed), ["to"]);
        let path = format!("/v1/agency/entries/{}/end", entered["entry_id"].as_str().unwrap());
        let end = json!({ "to": "2026-06-01", "note": "换用其他药品" });
        let elsewhere = app.caller(Role::Agency, 430_100);
        elsewhere.post(&path, &end).await.refused(Reason::NotFound);
        agency.post(&path, &end).await.ok();
        agency.post(&path, &end).await.refused(Reason::EntryEnded);
        agency.post("/v1/agency/entries", &overlapping).await.ok();
        let periods: Vec<Value> = entries(app, &form).await;
        let periods: Vec<&str> = periods.iter().map(|one| one["to"].as_str().unwrap()).collect();
        assert_eq!(periods, ["2026-06-01", "2028-01-01"]);
    })
    .await;
}

#[actix_web::test]
async fn a_faulty_entry_hears_all_its_faults_and_nothing_is_kept() {
    Engine::each(async |app| {
        let faulty = json!({ "id_number": "1", "from": "2026-13-01", "content": { "register": "in_hand" }, "x": 1 });
        let refused = agency(app).post("/v1/agency/entries", &faulty).await;
        let fields = refused.refused_fields(Reason::Malformed);
        assert_eq!(fields, ["x", "id_number", "from", "to", "content"]);
        assert_eq!(entries(app, &plain()).await.len(), 0);
    })
    .await;
}

// proves: RTE-02
#[actix_web::test]
async fn the_patient_picks_another_pharmacy_for_an_entitlement_and_the_change_is_on_record() {
    Engine::each(async |app| {
        let form = plain();
        let year = entitlement(&form, "2026-01-01", "2027-01-01");
        let entered = agency(app).post("/v1/agency/entries", &year).await.ok();
        let issued = app.issued(&form).await;
        let patient = app.patient(&issued);
        let mine = patient.get("/v1/patient/entitlements").await.ok();
        assert_eq!(mine[0]["entry_id"], entered["entry_id"]);
        let id = entered["entry_id"].as_str().unwrap();
        let path = format!("/v1/patient/entitlements/{id}/pharmacy");
        let choice = json!({ "pharmacy_id": town::pharmacy(2) });
        let stranger = app.patient(&app.issued(&plain()).await);
        stranger.post(&path, &choice).await.refused(Reason::NotFound);
        patient.post(&path, &choice).await.ok();
        patient.post(&path, &choice).await.refused(Reason::EntryEnded);
        let pharmacies: Vec<Value> = entries(app, &form).await;
        let pharmacies: Vec<&Value> =
            pharmacies.iter().map(|one| &one["content"]["pharmacy_id"]).collect();
        assert_eq!(pharmacies, [&json!(town::pharmacy(1)), &json!(town::pharmacy(2))]);
        assert_eq!(app.story(&issued.id).await, ["accepted", "pharmacy_changed"]);
    })
    .await;
}

// proves: RX-19
#[actix_web::test]
async fn what_was_settled_is_in_the_patients_hands_until_it_is_used_up() {
    Engine::each(async |app| {
        let form = plain();
        app.settled(&form).await;
        let found = entries(app, &form).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["content"]["register"], "in_hand");
        assert_eq!([&found[0]["from"], &found[0]["to"]], ["2026-01-05", "2026-01-12"]);
    })
    .await;
}

#[actix_web::test]
async fn nothing_is_decided_where_nothing_waits() {
    Engine::each(async |app| {
        let issued = app.issued(&plain()).await;
        let decision =
            json!({ "rule": "BEN-01", "allow": true, "decided_by": "A1", "note": "已核实" });
        let at = |who: &str| format!("/v1/{who}/prescriptions/{}/hold-decision", issued.id);
        let nothing = Reason::NothingHeld;
        agency(app).post(&at("agency"), &decision).await.refused(nothing);
        app.hospital(1).post(&at("hospital"), &decision).await.refused(nothing);
        app.regulator().post(&at("regulator"), &decision).await.refused(nothing);
        app.hospital(2).post(&at("hospital"), &decision).await.refused(Reason::NotFound);
        let elsewhere = app.caller(Role::Agency, 430_100);
        elsewhere.post(&at("agency"), &decision).await.refused(Reason::NotFound);
        assert_eq!(agency(app).get("/v1/agency/holds").await.ok()["items"], json!([]));
    })
    .await;
}

fn register_required() -> Plan {
    let change = |text: &str| {
        text.replace("insured = { value = \"not_kept\"", "insured = { value = \"required\"")
    };
    Plan { knowledge: knowledge_where(change), ..Plan::default() }
}

fn decision(allow: bool) -> Value {
    json!({ "rule": "BEN-01", "allow": allow, "decided_by": "A1", "note": "已核实" })
}

// proves: BEN-01
#[actix_web::test]
async fn what_a_missing_register_holds_waits_for_the_agency_which_allows_or_denies_it() {
    Engine::each_with(register_required, async |app| {
        let agency = agency(app);
        for (allow, by_fund) in [(true, true), (false, false)] {
            let form = plain();
            let issued = app.approved(&form).await;
            let held = app.pharmacy(1).prepare(&issued.id, &packed(&form)).await;
            assert_eq!(held.refused_fields(Reason::LineHeld), ["lines[0].line_no"]);
            let waiting = agency.get("/v1/agency/holds").await.ok();
            assert_eq!(waiting["items"][0]["prescription_id"], issued.id.as_str());
            assert_eq!(waiting["items"][0]["line_states"]["holds"][0]["decider"], "agency");
            let path = format!("/v1/agency/prescriptions/{}/hold-decision", issued.id);
            agency.post(&path, &decision(allow)).await.ok();
            agency.post(&path, &decision(allow)).await.refused(Reason::NothingHeld);
            let quote = app.pharmacy(1).prepare(&issued.id, &packed(&form)).await.ok();
            assert_eq!(quote["quote"]["fund"] != "0.00", by_fund, "{quote}");
            app.pharmacy(1).settle(&issued.id, &quote["quote"]["personal"]).await.ok();
        }
    })
    .await;
}

// proves: BEN-01
#[actix_web::test]
async fn silence_until_the_deadline_leaves_the_drug_to_the_patient_and_the_fund_untouched() {
    Engine::each_with(register_required, async |app| {
        let form = plain();
        let issued = app.issued(&form).await;
        app.pass(2 * DAY);
        app.pharmacy(1).claim(&issued.pickup_token).await.ok();
        app.pharmacy(1).review(&issued.id, &pharmacist(1), "approve").await.ok();
        let quote = app.pharmacy(1).prepare(&issued.id, &packed(&form)).await.ok();
        assert_eq!(quote["quote"]["fund"], "0.00");
        let late = format!("/v1/agency/prescriptions/{}/hold-decision", issued.id);
        agency(app).post(&late, &decision(true)).await.refused(Reason::NothingHeld);
    })
    .await;
}
