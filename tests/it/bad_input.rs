//! Bad input: a clear problem that names the field, nothing stored, never a server error.

use domain::refusal::Reason;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Engine, TestApp};
use crate::builders::{METFORMIN, one_box, plain, rx};
use crate::caller::{Reply, fresh_key};
use crate::rows::number;

const SUBMIT: &str = "/v1/hospital/prescriptions";

async fn stored(app: &TestApp) -> i64 {
    number(
        &app.database,
        "SELECT (SELECT count(*) FROM prescription) + (SELECT count(*) FROM command)",
    )
}

async fn send(app: &TestApp, body: Vec<u8>) -> Reply {
    app.hospital(1).send(Method::POST, SUBMIT, Some(&fresh_key()), body).await
}

/// What is wrong, the member by JSON pointer, its value, the field that the problem names.
fn wrong_members() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/hosp_rxno", json!(null), "hosp_rxno"),
        ("/hosp_rxno", json!(""), "hosp_rxno"),
        ("/hosp_rxno", json!("R".repeat(41)), "hosp_rxno"),
        ("/hosp_rxno", json!("R\u{0}1"), "hosp_rxno"),
        ("/hosp_rxno", json!(7), "hosp_rxno"),
        ("/biz_type", json!("telepathy"), "biz_type"),
        ("/attribute", json!("03"), "attribute"),
        ("/issued_at", json!("yesterday"), "issued_at"),
        ("/issued_at", json!("2026-01-05T09:00:00"), "issued_at"),
        ("/issued_at", json!("0000-01-01T00:00:00Z"), "issued_at"),
        ("/valid_until", json!(1_767_574_800), "valid_until"),
        ("/urgent", json!(true), "urgent"),
        ("/patient", json!("somebody"), "patient"),
        ("/patient/id_number", json!("123"), "patient.id_number"),
        ("/patient/birth_date", json!("1970-02-30"), "patient.birth_date"),
        ("/patient/insured_area", json!("Lhasa"), "patient.insured_area"),
        ("/patient/phone", json!("13800000000"), "patient.phone"),
        ("/diagnoses", json!("I10.x00x002"), "diagnoses"),
        ("/diagnoses", json!(vec!["I10.x00x002"; 21]), "diagnoses"),
        ("/lines", json!({}), "lines"),
        ("/lines", json!(vec![json!({}); 61]), "lines"),
        ("/lines/0/quantity", json!("-1"), "lines[0].quantity"),
        ("/lines/0/quantity", json!("1e6"), "lines[0].quantity"),
        ("/lines/0/quantity", json!("99999999999999999999"), "lines[0].quantity"),
        ("/lines/0/quantity", json!("1.00001"), "lines[0].quantity"),
        ("/lines/0/quantity", json!(2), "lines[0].quantity"),
        ("/lines/0/days", json!(0), "lines[0].days"),
        ("/lines/0/days", json!(367), "lines[0].days"),
        ("/lines/0/days", json!(9_999_999_999_i64), "lines[0].days"),
        ("/lines/0/approval", json!(1), "lines[0].approval"),
        ("/lines/0/generic_name", json!(""), "lines[0].generic_name"),
        ("/lines/0/line_no", json!(1), "lines[0].line_no"),
    ]
}

#[actix_web::test]
async fn a_wrong_member_is_named_and_nothing_is_stored() {
    Engine::each(async |app| {
        for (pointer, value, field) in wrong_members() {
            let form = plain().with(pointer, value.clone());
            let fields = app.hospital(1).submit(&form).await.refused_fields(Reason::Malformed);
            assert!(fields.contains(&field.to_owned()), "{pointer} = {value}: {fields:?}");
        }
        assert_eq!(stored(app).await, 0);
    })
    .await;
}

#[actix_web::test]
async fn all_wrong_members_are_named_at_once() {
    Engine::each(async |app| {
        let form = plain()
            .with("/hosp_rxno", json!(null))
            .with("/patient/name", json!(null))
            .with("/lines/0/days", json!(-1))
            .with("/lines/0/quantity", json!("-3"));
        let mut fields = app.hospital(1).submit(&form).await.refused_fields(Reason::Malformed);
        fields.sort();
        assert_eq!(fields, ["hosp_rxno", "lines[0].days", "lines[0].quantity", "patient.name"]);
    })
    .await;
}

#[actix_web::test]
async fn what_is_not_json_is_refused_whatever_it_is() {
    Engine::each(async |app| {
        let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        let nested = format!("{{\"lines\":{deep}}}");
        let doubled = "{\"hosp_rxno\":\"a\",\"hosp_rxno\":\"b\"}";
        let cases: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"{".to_vec(),
            b"null".to_vec(),
            b"[]".to_vec(),
            b"\"text\"".to_vec(),
            b"{\"hosp_rxno\": NaN}".to_vec(),
            vec![0xff, 0xfe, 0x00],
            deep.into_bytes(),
            nested.into_bytes(),
            doubled.as_bytes().to_vec(),
        ];
        for body in cases {
            send(app, body).await.refused(Reason::Malformed);
        }
        assert_eq!(stored(app).await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_body_that_is_too_large_is_refused_and_the_server_lives() {
    Engine::each(async |app| {
        send(app, vec![b' '; 300 * 1024]).await.refused(Reason::TooLarge);
        app.hospital(1).submit(&plain()).await.ok();
    })
    .await;
}

#[actix_web::test]
async fn a_command_needs_an_idempotency_key() {
    Engine::each(async |app| {
        let body = plain().form.to_string().into_bytes();
        let long = "k".repeat(65);
        for key in [None, Some("short"), Some(long.as_str()), Some("with a blank")] {
            let reply = app.hospital(1).send(Method::POST, SUBMIT, key, body.clone()).await;
            reply.refused(Reason::IdempotencyKeyMissing);
        }
        assert_eq!(stored(app).await, 0);
    })
    .await;
}

// proves: RX-01, CAT-14
#[actix_web::test]
async fn what_the_checks_reject_comes_with_its_rules_and_is_not_stored_as_a_prescription() {
    Engine::each(async |app| {
        let cases = [
            (plain().issued("2026-01-06T09:00:00+08:00"), "RX-01"),
            (plain().with("/valid_until", json!("2026-02-05T09:00:00+08:00")), "RX-01"),
            (plain().with("/lines/0/drug_code", json!("XA10BAE036A0010101")), "CAT-14"),
            (plain().with("/diagnoses", json!([])), "RX-07"),
        ];
        for (form, rule) in cases {
            let reply = app.hospital(1).submit(&form).await;
            reply.refused(Reason::ChecksFailed);
            assert!(reply.rules().contains(&rule.to_owned()), "{rule}: {}", reply.text);
        }
        assert_eq!(number(&app.database, "SELECT count(*) FROM prescription"), 0);
    })
    .await;
}

// proves: RX-09
#[actix_web::test]
async fn the_same_number_with_another_body_is_a_duplicate() {
    Engine::each(async |app| {
        let form = plain();
        app.issued(&form).await;
        let other = rx().line(METFORMIN, 1).with("/hosp_rxno", form.form["hosp_rxno"].clone());
        let fields = app.hospital(1).submit(&other).await;
        assert_eq!(fields.refused_fields(Reason::DuplicatePrescription), ["hosp_rxno"]);
        // A number is the hospital's own.
        app.hospital(2).submit(&other.by_hospital(2)).await.ok();
    })
    .await;
}

#[actix_web::test]
async fn what_belongs_to_somebody_else_looks_like_what_is_missing() {
    Engine::each(async |app| {
        let issued = app.claimed(&plain()).await;
        let missing = "312345678901248000";
        let show = |id: &str| format!("/v1/hospital/prescriptions/{id}");
        let theirs = app.hospital(2).get(&show(&issued.id)).await;
        theirs.refused(Reason::NotFound);
        assert_eq!(theirs, app.hospital(2).get(&show(missing)).await);
        assert_eq!(app.hospital(2).revoke(&issued.id).await, app.hospital(2).revoke(missing).await);
        let held = format!("/v1/pharmacy/prescriptions/{}", issued.id);
        app.pharmacy(2).get(&held).await.refused(Reason::NotFound);
        app.pharmacy(1).get(&held).await.ok();
        for id in ["abc", "-1", "99999999999999999999", "%00"] {
            app.hospital(1).get(&show(id)).await.refused(Reason::NotFound);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_claim_needs_the_true_pick_up_token() {
    Engine::each(async |app| {
        let issued = app.issued(&plain()).await;
        let body = json!({});
        let reply = app.pharmacy(1).post("/v1/pharmacy/claims", &body).await;
        assert_eq!(reply.refused_fields(Reason::Malformed), ["pickup_token"]);
        let forged = issued.pickup_token.chars().rev().collect::<String>();
        let document = issued.reply["rx_trace_code"].as_str().unwrap();
        for wrong in [forged.as_str(), document, &issued.id, "x"] {
            app.pharmacy(1).claim(wrong).await.refused(Reason::PickupTokenInvalid);
        }
        assert_eq!(app.state(&issued.id).await, "open");
    })
    .await;
}

#[actix_web::test]
async fn what_was_packed_wrongly_is_named_box_by_box() {
    Engine::each(async |app| {
        let issued = app.approved(&plain()).await;
        let boxed = |boxes: Value| json!({ "lines": [{ "line_no": 1, "unit_price": "1.00", "boxes": boxes }] });
        let cases = [
            (json!({}), Reason::Malformed),
            (json!({ "lines": [{ "line_no": 1 }] }), Reason::Malformed),
            (json!({ "lines": [{ "line_no": 1, "unit_price": "-1", "boxes": [] }] }), Reason::LinesIncomplete),
            (boxed(json!([one_box("short")])), Reason::Malformed),
            (json!({ "lines": [] }), Reason::LinesIncomplete),
            (boxed(json!([])), Reason::LinesIncomplete),
            (boxed(json!([one_box("80000010000000000017")])), Reason::LinesIncomplete),
        ];
        for (body, reason) in cases {
            let fields = app.pharmacy(1).prepare(&issued.id, &body).await.refused_fields(reason);
            assert!(fields.iter().all(|field| field.starts_with("lines")) && !fields.is_empty(), "{body}: {fields:?}");
        }
        assert_eq!(number(&app.database, "SELECT count(*) FROM drug_box"), 0);
    })
    .await;
}

#[actix_web::test]
async fn a_page_or_a_query_that_makes_no_sense_is_refused() {
    Engine::each(async |app| {
        for query in ["limit=0", "limit=201", "limit=many", "state=lost", "cursor=x", "colour=red"]
        {
            let path = format!("{SUBMIT}?{query}");
            app.hospital(1).get(&path).await.refused(Reason::Malformed);
        }
        app.regulator().get("/v1/regulator/events?cursor=1:2,x").await.refused(Reason::Malformed);
        app.nobody().get("/v1/nowhere").await.refused(Reason::NotFound);
    })
    .await;
}
