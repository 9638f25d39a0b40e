//! The record of events: nobody alters it unseen, and a writer that was paused cannot write into its old lane.

use domain::refusal::Reason;
use domain::verb::Call;

use rxgate::flow::pharmacy::Shown;

use crate::app::{Engine, open_gate};
use crate::builders::plain;
use crate::caller::fresh_key;
use crate::rows::{execute, number, table};
use crate::town::pharmacy;

const AUDIT: &str = "/v1/regulator/audit";

/// What somebody with all rights does first.
fn unguarded(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete",
        Engine::Postgres => "ALTER TABLE event DISABLE TRIGGER ALL",
    }
}

#[actix_web::test]
async fn an_altered_event_is_found_and_named() {
    for engine in Engine::BOTH {
        let app = crate::app::TestApp::start(engine, crate::app::Plan::default()).await;
        for _ in 0..3 {
            app.claimed(&plain()).await;
        }
        assert_eq!(app.regulator().get(AUDIT).await.ok()["first_bad"], serde_json::Value::Null);
        let alter = "UPDATE event SET kind = 'released' WHERE seq = 4";
        assert!(execute(&app.database, alter).is_err(), "the database refuses by itself");
        execute(&app.database, &format!("{}; {alter}", unguarded(engine))).unwrap();
        let report = app.regulator().get(AUDIT).await.ok();
        assert_eq!(report["first_bad"]["seq"], 4, "{report}");
        app.stop().await;
    }
}

#[actix_web::test]
async fn an_event_that_is_gone_is_missed() {
    for engine in Engine::BOTH {
        let app = crate::app::TestApp::start(engine, crate::app::Plan::default()).await;
        app.claimed(&plain()).await;
        let remove = "DELETE FROM event WHERE seq = 2";
        assert!(execute(&app.database, remove).is_err(), "the database refuses by itself");
        execute(&app.database, &format!("{}; {remove}", unguarded(engine))).unwrap();
        let report = app.regulator().get(AUDIT).await.ok();
        assert_ne!(
            report["first_bad"],
            serde_json::Value::Null,
            "the last event of a lane is missed too"
        );
        app.stop().await;
    }
}

#[actix_web::test]
async fn a_paused_writer_cannot_write_into_its_old_lane() {
    Engine::each(async |app| {
        let before = app.issued(&plain()).await;
        let old = table(&app.database, &["lane"], "event ORDER BY lane, seq")[0][0].clone();
        // As if nothing had been heard of the writer for a long time: its lane is anybody's.
        execute(&app.database, "UPDATE lane SET touched_ms = 0").unwrap();
        let other = open_gate(&app.database, &app.hands);
        let call = Call { scope: pharmacy(1).raw(), key: fresh_key().into(), digest: [0; 32] };
        let shown = Shown::PickupToken(before.pickup_token.as_str().into());
        other.claim(pharmacy(1), call, shown, None).await.unwrap();
        let taken = format!("SELECT count(*) FROM event WHERE lane = {old}");
        assert_eq!(number(&app.database, &taken), 2, "the other writer goes on in the lane");

        // The paused writer wakes up and commits.
        app.issued(&plain()).await;
        app.pharmacy(2).claim(&before.pickup_token).await.refused(Reason::AlreadyClaimed);
        assert_eq!(
            number(&app.database, &taken),
            2,
            "nothing is added to a lane that was taken over"
        );
        assert_eq!(number(&app.database, "SELECT count(DISTINCT lane) FROM event"), 2);
        other.store.close().await;
        assert_eq!(app.regulator().get(AUDIT).await.ok()["first_bad"], serde_json::Value::Null);
    })
    .await;
}
