//! What must not be possible, each with the way somebody would try it.

use domain::knowledge::Knowledge;
use domain::moment::{HOUR, MINUTE};
use domain::refusal::Reason;
use serde_json::json;

use crate::app::{Engine, Plan, knowledge, sourced_knowledge};
use crate::builders::{Drug, GOLDENROD, METFORMIN, one_box, packed, plain, rx, trace_code};

// proves: DS-02
#[actix_web::test]
async fn codes_scanned_on_a_piece_do_not_raise_what_is_charged_for_it() {
    Engine::each(async |app| {
        let form = rx().line(GOLDENROD, 10);
        let issued = app.approved(&form).await;
        let many: Vec<_> = (0..40).map(|_| one_box(&trace_code())).collect();
        let lines = json!({ "lines": [{ "line_no": 1, "unit_price": "0.50", "boxes": many }] });
        let quote = app.pharmacy(1).prepare(&issued.id, &lines).await.ok();
        assert_eq!(quote["quote"]["total"], "5.00", "ten grams at 0.50, however many codes");
    })
    .await;
}

// proves: DS-05
#[actix_web::test]
async fn a_box_that_expires_between_packing_and_settlement_is_not_sold() {
    Engine::each_with(
        || Plan::begins("2026-01-05T23:50:00+08:00"),
        async |app| {
            let form = plain().issued("2026-01-05T23:40:00+08:00");
            let issued = app.approved(&form).await;
            let mut boxes = packed(&form);
            boxes["lines"][0]["boxes"][0]["expires_on"] = json!("2026-01-05");
            let quote = app.pharmacy(1).prepare(&issued.id, &boxes).await.ok();
            app.pass(15 * MINUTE);
            let refused = app.pharmacy(1).settle(&issued.id, &quote["quote"]["personal"]).await;
            let fields = refused.refused_fields(Reason::LinesIncomplete);
            assert_eq!(fields, ["lines[0].boxes[0].expires_on"]);
            assert_eq!(app.state(&issued.id).await, "claimed", "another box may still be packed");
        },
    )
    .await;
}

#[actix_web::test]
async fn in_production_assumed_figures_are_quoted_and_never_settled() {
    Engine::each_with(
        || in_production(knowledge()),
        async |app| {
            let form = plain();
            let issued = app.approved(&form).await;
            let quote = app.pharmacy(1).prepare(&issued.id, &packed(&form)).await.ok();
            let settled = app.pharmacy(1).settle(&issued.id, &quote["quote"]["personal"]).await;
            settled.refused(Reason::FiguresAssumed);
        },
    )
    .await;
}

// proves: CAT-01
#[actix_web::test]
async fn in_production_a_carried_row_of_the_list_is_quoted_and_never_settled() {
    Engine::each_with(
        || in_production(sourced_knowledge()),
        async |app| {
            let known =
                Drug {
                    name: "胶体果胶铋", form: "口服常释剂型", spec: "50mg*24粒", ..METFORMIN
                };
            let (issued, personal) = app.prepared(&rx().line(known, 1)).await;
            app.pharmacy(1).settle(&issued.id, &personal).await.ok();
            let (issued, personal) = app.prepared(&rx().line(known, 1).line(METFORMIN, 1)).await;
            let refused = app.pharmacy(1).settle(&issued.id, &personal).await;
            assert_eq!(refused.refused_fields(Reason::ListingUnverified), ["lines[line_no=2]"]);
        },
    )
    .await;
}

fn in_production(knowledge: Knowledge) -> Plan {
    Plan { knowledge: Knowledge { production: true, ..knowledge }, ..Plan::default() }
}

#[actix_web::test]
async fn what_was_sent_in_the_wrong_form_is_not_repeated_in_the_answer() {
    Engine::each(async |app| {
        let sent = 990_101_197_001_019_999_i64;
        let refused =
            app.hospital(1).submit(&plain().with("/patient/id_number", json!(sent))).await;
        let problem = refused.refused(Reason::Malformed).to_string();
        assert!(!problem.contains("990101197001019999"), "{problem}");
        let whole = plain().with("/patient", json!("示范患者 990101197001019999"));
        let problem = app.hospital(1).submit(&whole).await.refused(Reason::Malformed).to_string();
        assert!(!problem.contains("990101197001019999"), "{problem}");
    })
    .await;
}

#[actix_web::test]
async fn one_card_has_one_spelling_so_that_a_cap_is_used_up_once() {
    Engine::each(async |app| {
        for number in
            ["９９０１０１１９７００１０１００１X", "990101700101001", "99010119700101001Y"]
        {
            let refused =
                app.hospital(1).submit(&plain().with("/patient/id_number", json!(number))).await;
            assert_eq!(
                refused.refused_fields(Reason::Malformed),
                ["patient.id_number"],
                "{number}"
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn a_finished_prescription_shows_no_more_pharmacies() {
    Engine::each(async |app| {
        let issued = app.issued(&plain()).await;
        app.hospital(1).revoke(&issued.id).await.ok();
        app.pass(HOUR / 60);
        let list = app.patient(&issued).get("/v1/patient/candidates?sort=price").await;
        list.refused(Reason::PrescriptionRevoked);
    })
    .await;
}
