//! Money and drugs that come back: before they left the shop, and after.

use domain::moment::{DAY, HOUR};
use domain::refusal::Reason;
use serde_json::{Value, json};

use crate::app::{Engine, Plan, TestApp, knowledge_where};
use crate::builders::{AMLODIPINE, METFORMIN, packed, plain, rx};
use crate::caller::{Issued, Reply};
use crate::town::{Town, pharmacist};

async fn give_back(app: &TestApp, n: i64, issued: &Issued) -> Reply {
    let path = format!("/v1/pharmacy/prescriptions/{}/return", issued.id);
    app.pharmacy(n).post(&path, &json!({ "note": "包装破损" })).await
}

async fn settled_totals(app: &TestApp) -> Value {
    let totals = app.regulator().get("/v1/regulator/totals").await.ok();
    json!([totals["settlements"], totals["settled_fund"], totals["ledger"]["pool"]])
}

// proves: SET-04
#[actix_web::test]
async fn what_never_left_the_shop_is_reversed_and_the_prescription_is_dispensed_again() {
    Engine::each(async |app| {
        let form = plain();
        let (issued, personal) = app.prepared(&form).await;
        give_back(app, 1, &issued).await.refused(Reason::NotSettled);
        let settled = app.pharmacy(1).settle(&issued.id, &personal).await.ok();
        give_back(app, 2, &issued).await.refused(Reason::NotFound);
        let back = give_back(app, 1, &issued).await.ok();
        assert_eq!(back["fund"], settled["split"]["fund"]);
        assert_eq!([&back["state"], &back["dispensing_state"]], ["open", "reversed"]);
        give_back(app, 1, &issued).await.refused(Reason::AlreadyReversed);
        assert_eq!(settled_totals(app).await, json!([0, "0.00", "0.00"]));
        let other = app.pharmacy(2);
        other.claim(&issued.pickup_token).await.ok();
        other.review(&issued.id, &pharmacist(2), "approve").await.ok();
        let quote = other.prepare(&issued.id, &packed(&form)).await.ok();
        other.settle(&issued.id, &quote["quote"]["personal"]).await.ok();
        assert_eq!(app.state(&issued.id).await, "completed");
    })
    .await;
}

// proves: DS-09
#[actix_web::test]
async fn what_left_the_shop_goes_to_quarantine_and_is_never_sold_again() {
    Engine::each(async |app| {
        let form = plain();
        let issued = app.approved(&form).await;
        let boxes = packed(&form);
        let quote = app.pharmacy(1).prepare(&issued.id, &boxes).await.ok();
        app.pharmacy(1).settle(&issued.id, &quote["quote"]["personal"]).await.ok();
        app.pharmacy(1).hand_over(&issued.id).await.ok();
        app.pass(2 * HOUR);
        let back = give_back(app, 1, &issued).await.ok();
        assert_eq!([&back["state"], &back["prior_month"]], [&json!("completed"), &json!(false)]);
        let again = app.approved(&plain()).await;
        let refused = app.pharmacy(1).prepare(&again.id, &boxes).await;
        assert_eq!(refused.refused_fields(Reason::TraceCodeSold).len(), 2);
    })
    .await;
}

// proves: SET-04
#[actix_web::test]
async fn a_settlement_of_december_comes_back_in_january_as_a_prior_months_and_restores_its_year() {
    Engine::each_with(
        || Plan::begins("2025-12-31T10:00:00+08:00"),
        async |app| {
            let form = plain().issued("2025-12-31T09:00:00+08:00");
            let issued = app.settled(&form).await;
            app.pass(2 * DAY);
            let back = give_back(app, 1, &issued).await.ok();
            assert_eq!(back["prior_month"], true);
        },
    )
    .await;
}

fn by_line() -> Plan {
    let change = |text: &str| text.replace("\"single_use\"", "\"by_line\"");
    Plan { knowledge: knowledge_where(change), ..Plan::default() }
}

// proves: RX-12
#[actix_web::test]
async fn where_lines_are_used_one_by_one_the_rest_opens_for_every_pharmacy() {
    Engine::each_with(by_line, async |app| {
        let form = rx().line(METFORMIN, 1).line(AMLODIPINE, 1);
        let issued = app.approved(&form).await;
        let both = packed(&form);
        let first = json!({ "lines": [both["lines"][0]] });
        let quote = app.pharmacy(1).prepare(&issued.id, &first).await.ok();
        app.pharmacy(1).settle(&issued.id, &quote["quote"]["personal"]).await.ok();
        assert_eq!(app.state(&issued.id).await, "open");
        let other = app.pharmacy(2);
        other.claim(&issued.pickup_token).await.ok();
        other.review(&issued.id, &pharmacist(2), "approve").await.ok();
        let again = other.prepare(&issued.id, &packed(&form)).await;
        assert_eq!(again.refused_fields(Reason::LineUsed), ["lines[0].line_no"]);
        let rest = json!({ "lines": [both["lines"][1]] });
        let quote = other.prepare(&issued.id, &rest).await.ok();
        other.settle(&issued.id, &quote["quote"]["personal"]).await.ok();
        assert_eq!(app.state(&issued.id).await, "completed");
        app.pharmacy(1).hand_over(&issued.id).await.ok();
        other.hand_over(&issued.id).await.ok();
    })
    .await;
}

// proves: RX-16
#[actix_web::test]
async fn nobody_collects_for_another_where_the_area_forbids_it() {
    let change = |text: &str| text.replace("allowed = { value = true", "allowed = { value = false");
    let plan = || Plan { knowledge: knowledge_where(change), ..Plan::default() };
    Engine::each_with(plan, async |app| {
        let issued = app.issued(&plain()).await;
        let claim = json!({
            "pickup_token": issued.pickup_token, "proxy_id_number": "990101198001019999",
        });
        let refused = app.pharmacy(1).post("/v1/pharmacy/claims", &claim).await;
        refused.refused(Reason::ProxyNotAllowed);
        app.pharmacy(1).claim(&issued.pickup_token).await.ok();
    })
    .await;
}

// proves: DS-09
#[actix_web::test]
async fn a_parcel_that_came_back_was_out_of_the_shop_and_is_not_sold_again() {
    let town = || Plan::with_town(Town::with(2).delivering(1));
    Engine::each_with(town, async |app| {
        let (issued, personal) = app.prepared(&plain()).await;
        let at = |verb: &str| format!("/v1/pharmacy/prescriptions/{}/{verb}", issued.id);
        let (pharmacy, note) = (app.pharmacy(1), json!({ "note": "骑手 7 号" }));
        pharmacy.settle(&issued.id, &personal).await.ok();
        pharmacy.post(&at("dispatch"), &note).await.ok();
        pharmacy.post(&at("delivery-failure"), &note).await.ok();
        assert_eq!(give_back(app, 1, &issued).await.ok()["state"], "completed");
    })
    .await;
}

// proves: RX-12
#[actix_web::test]
async fn several_visits_to_one_pharmacy_are_named_when_one_is_meant() {
    Engine::each_with(by_line, async |app| {
        let form = rx().line(METFORMIN, 1).line(AMLODIPINE, 1);
        let issued = app.issued(&form).await;
        let (pharmacy, both) = (app.pharmacy(1), packed(&form));
        let mut visits = Vec::new();
        for at in [0, 1] {
            pharmacy.claim(&issued.pickup_token).await.ok();
            pharmacy.review(&issued.id, &pharmacist(1), "approve").await.ok();
            let line = json!({ "lines": [both["lines"][at]] });
            let quote = pharmacy.prepare(&issued.id, &line).await.ok();
            let sold = pharmacy.settle(&issued.id, &quote["quote"]["personal"]).await.ok();
            visits.push(sold["dispensing_id"].as_str().unwrap().to_owned());
        }
        pharmacy.hand_over(&issued.id).await.refused(Reason::DispensingNotNamed);
        for visit in visits {
            let path = format!("/v1/pharmacy/prescriptions/{}/hand-over", issued.id);
            let named = format!("{path}?dispensing_id={visit}");
            let handed = pharmacy.post(&named, &json!({})).await.ok();
            assert_eq!(handed["dispensing_id"], visit.as_str());
        }
    })
    .await;
}
