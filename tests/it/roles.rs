//! Who may come through which door: the route table walked with every role, and how one gets a token.

use domain::refusal::Reason;
use domain::role::Role;
use reqwest::Method;
use rxgate::http::doors;
use serde_json::json;

use crate::app::{Engine, Plan, open_gate};
use crate::builders::plain;
use crate::caller::{Caller, Reply, fresh_key};
use crate::town::{AREA, REGULATOR, SECRET, client, hospital, pharmacy};

fn path_of(pattern: &str) -> String {
    pattern.replace("{id}", "312345678901248000")
}

async fn knock(caller: &Caller, method: &Method, pattern: &str) -> Reply {
    let body = b"{}".to_vec();
    caller.send(method.clone(), &path_of(pattern), Some(&fresh_key()), body).await
}

fn subject(role: Role) -> i64 {
    match role {
        Role::Hospital => hospital(1).raw(),
        Role::Pharmacy => pharmacy(1).raw(),
        Role::Patient => 312_345_678_901_248_000,
        Role::Regulator => REGULATOR,
        Role::Agency => AREA.parse().unwrap(),
    }
}

#[actix_web::test]
async fn every_door_opens_to_its_own_role_alone() {
    Engine::each(async |app| {
        let mut closed = 0;
        for door in doors() {
            let method: Method = door.method.as_str().parse().unwrap();
            let Some(own) = door.role else { continue };
            knock(&app.nobody(), &method, door.path).await.refused(Reason::Unauthenticated);
            for role in Role::ALL {
                let reply = knock(&app.caller(role, subject(role)), &method, door.path).await;
                assert!(reply.status < 500, "{method} {}: {}", door.path, reply.text);
                if role == own {
                    assert_ne!(reply.json()["code"], "FORBIDDEN", "{method} {}", door.path);
                } else {
                    reply.refused(Reason::Forbidden);
                    closed += 1;
                }
            }
        }
        assert!(closed > 60, "only {closed} tries");
    })
    .await;
}

#[actix_web::test]
async fn a_wrong_method_or_a_garbled_token_is_no_server_error() {
    Engine::each(async |app| {
        for door in doors() {
            for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
                let reply = knock(&app.nobody(), &method, door.path).await;
                assert!(
                    (400..500).contains(&reply.status),
                    "{method} {}: {}",
                    door.path,
                    reply.status
                );
            }
        }
        let good = app.hospital(1).token.unwrap();
        let tampered = format!("{}x", &good[..good.len() - 1]);
        for token in ["", "x", "a.b.c", &tampered] {
            let caller = Caller { token: Some(token.to_owned()), ..app.nobody() };
            caller.get("/v1/hospital/prescriptions").await.refused(Reason::Unauthenticated);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_token_ends_after_its_lifetime() {
    Engine::each(async |app| {
        let caller = app.hospital(1);
        caller.get("/v1/hospital/prescriptions").await.ok();
        app.pass(16 * 60_000);
        caller.get("/v1/hospital/prescriptions").await.refused(Reason::Unauthenticated);
    })
    .await;
}

#[actix_web::test]
async fn a_client_gets_a_token_for_its_secret_and_for_nothing_else() {
    Engine::each(async |app| {
        let id = client(pharmacy(1));
        let form = |grant, id, secret| {
            [("grant_type", grant), ("client_id", id), ("client_secret", secret)]
        };
        let token = app.nobody().ask_for_token(&form("client_credentials", &id, SECRET)).await.ok();
        assert_eq!(token["token_type"], "Bearer");
        let token = token["access_token"].as_str().unwrap().to_owned();
        let caller = Caller { token: Some(token), ..app.nobody() };
        caller.get("/v1/pharmacy/worklist").await.ok();
        caller.get("/v1/hospital/prescriptions").await.refused(Reason::Forbidden);
        for (id, secret) in [(id.as_str(), "wrong"), ("client-of-nobody", SECRET), (&id, "")] {
            let reply = app.nobody().ask_for_token(&form("client_credentials", id, secret)).await;
            reply.refused(Reason::WrongSecret);
        }
        app.nobody().ask_for_token(&form("password", &id, SECRET)).await.refused(Reason::Malformed);
        app.nobody().ask_for_token(&[("client_id", &id)]).await.refused(Reason::Malformed);
    })
    .await;
}

#[actix_web::test]
async fn a_patient_needs_the_second_factor_and_has_few_attempts() {
    Engine::each(async |app| {
        let form = plain();
        let issued = app.issued(&form).await;
        let admit = async |token: &str, last_four: &str| {
            let body = json!({ "pickup_token": token, "id_last_four": last_four });
            app.nobody().post("/v1/patient/token", &body).await
        };
        let token = admit(&issued.pickup_token, &form.last_four()).await.ok();
        let token = token["access_token"].as_str().unwrap().to_owned();
        let patient = Caller { token: Some(token), ..app.nobody() };
        let own = patient.get("/v1/patient/prescription").await.ok();
        assert_eq!(own["prescription_id"], issued.id.as_str());
        admit("no such token", &form.last_four()).await.refused(Reason::PickupTokenInvalid);
        for _ in 0..4 {
            admit(&issued.pickup_token, "zzzz").await.refused(Reason::SecondFactorWrong);
        }
        admit(&issued.pickup_token, &form.last_four()).await.refused(Reason::TooManyAttempts);
    })
    .await;
}

#[actix_web::test]
async fn without_randomness_nothing_is_sealed_and_nothing_is_stored() {
    let plan =
        || Plan { randomness: rxgate::trust::randomness::Randomness::failing(), ..Plan::default() };
    Engine::each_with(plan, async |app| {
        // A token from a gateway that still has some.
        let healthy = open_gate(&app.database, &app.hands);
        let subject = hospital(1).to_string();
        let token = healthy.token_maker.issue(&subject, Role::Hospital, app.now()).unwrap();
        let caller = Caller { token: Some(token), ..app.nobody() };
        let form = plain();
        caller.submit(&form).await.refused(Reason::Internal);
        assert_eq!(crate::rows::number(&app.database, "SELECT count(*) FROM prescription"), 0);
        healthy.store.close().await;
    })
    .await;
}

#[actix_web::test]
async fn a_clock_that_runs_backwards_is_not_believed() {
    Engine::each(async |app| {
        app.issued(&plain()).await;
        app.pass(-60_000);
        app.hospital(1).submit(&plain()).await.refused(Reason::Busy);
        app.pass(60_000);
        app.issued(&plain()).await;
    })
    .await;
}

#[actix_web::test]
async fn the_table_of_refusals_is_served_whole() {
    Engine::each(async |app| {
        let rows = app.nobody().get("/errors").await.ok();
        let codes: Vec<&str> =
            rows.as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
        let expected: Vec<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes, expected);
    })
    .await;
}

#[actix_web::test]
async fn the_interface_names_every_door_and_no_other() {
    Engine::each(async |app| {
        let document = app.nobody().get("/openapi.json").await.ok();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let mut described: Vec<String> = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            described.extend(
                operations.as_object().unwrap().keys().map(|method| format!("{method} {path}")),
            );
        }
        let mut expected: Vec<String> = doors()
            .iter()
            .filter(|door| door.path != "/openapi.json")
            .map(|door| format!("{} {}", door.method.as_str().to_lowercase(), door.path))
            .collect();
        described.sort();
        expected.sort();
        assert_eq!(described, expected);
    })
    .await;
}
