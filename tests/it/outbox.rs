//! Notices to partners: in order for each prescription, again after a failure, never lost, known by their event.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use domain::moment::HOUR;
use domain::refusal::Reason;
use futures_util::future::join_all;
use rxgate::peer::Messenger;
use rxgate::worker::deliver;
use serde_json::{Value, json};

use crate::app::{Engine, Plan, TestApp, open_gate};
use crate::builders::plain;
use crate::fake_peer::{FakePeer, Heard};
use crate::rows::number;
use crate::town::Town;

fn told_at(peer: &FakePeer) -> Plan {
    Plan::with_town(Town::with(4).told_at(&peer.url))
}

/// What the first hospital was told, by prescription, in the order it came; only what it acknowledged.
fn acknowledged(heard: &[Heard]) -> BTreeMap<String, Vec<String>> {
    let mut stories: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for one in heard.iter().filter(|one| one.path == "/101" && one.status == 200) {
        let text = |name: &str| one.body[name].as_str().unwrap().to_owned();
        // As every receiver does: on a slow machine a lease may end before its answer is noted.
        if !seen.insert(text("event_id")) {
            continue;
        }
        stories.entry(text("prescription_id")).or_default().push(text("kind"));
    }
    stories
}

async fn undelivered(app: &TestApp) -> i64 {
    number(&app.database, "SELECT count(*) FROM outbox WHERE state <> 'delivered'")
}

/// Lets time pass until every notice was delivered.
async fn deliver_all(app: &TestApp) {
    let messenger = Messenger::new().unwrap();
    for _ in 0..60 {
        while deliver::pass(app.gate(), &messenger).await.unwrap() > 0 {}
        if undelivered(app).await == 0 {
            return;
        }
        app.pass(HOUR / 4);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} notices are left", undelivered(app).await);
}

const WHOLE: [&str; 5] = ["claimed", "approved", "settled", "handed_over", "prepared"];

#[actix_web::test]
async fn notices_arrive_in_the_order_of_events_even_when_some_fail() {
    let peer = FakePeer::start();
    Engine::each_with(
        || told_at(&peer),
        async |app| {
            let before = peer.heard().len();
            peer.will_answer(&[500, 200, 503, 404, 200, 500]);
            let mut ids = Vec::new();
            for _ in 0..4 {
                let issued = app.settled(&plain()).await;
                app.pharmacy(1).hand_over(&issued.id).await.ok();
                ids.push(issued.id);
            }
            deliver_all(app).await;
            let stories = acknowledged(&peer.heard()[before..]);
            for id in ids {
                let told: Vec<&str> = stories[&id].iter().map(String::as_str).collect();
                let story = app.story(&id).await;
                let expected: Vec<&str> =
                    story.iter().map(String::as_str).filter(|kind| told.contains(kind)).collect();
                assert_eq!(told, expected, "in order and each once");
                assert!(
                    told.contains(&"settled") && told.iter().all(|kind| WHOLE.contains(kind)),
                    "{told:?}"
                );
            }
        },
    )
    .await;
}

#[actix_web::test]
async fn a_notice_that_failed_comes_again_with_the_same_event() {
    let peer = FakePeer::start();
    Engine::each_with(
        || told_at(&peer),
        async |app| {
            let before = peer.heard().len();
            peer.will_answer(&[500, 500]);
            app.claimed(&plain()).await;
            deliver_all(app).await;
            // Time goes on while it is tried again: the end of the lease is told, too.
            let mut heard: Vec<Heard> = peer.heard().split_off(before);
            heard.retain(|one| one.body["kind"] == "claimed");
            let events: HashSet<String> =
                heard.iter().map(|one| one.body["event_id"].to_string()).collect();
            assert_eq!(events.len(), 1);
            // The simulated clock runs past a lease while the worker waits for its answer, so that the notice may come
            // more often than it must; never less often, and always as the same event.
            let (failed, arrived) = heard.split_at(2);
            assert!(failed.iter().all(|one| one.status == 500));
            assert!(!arrived.is_empty() && arrived.iter().all(|one| one.status == 200));
        },
    )
    .await;
}

#[actix_web::test]
async fn a_dead_letter_holds_up_only_its_own_prescription() {
    let peer = FakePeer::start();
    Engine::each_with(
        || told_at(&peer),
        async |app| {
            let before = peer.heard().len();
            let deaf = app.issued(&plain()).await;
            peer.will_answer_about(&deaf.id, 500);
            app.pharmacy(1).claim(&deaf.pickup_token).await.ok();
            app.pharmacy(1).release(&deaf.id).await.ok();
            let heard = app.claimed(&plain()).await;
            let messenger = Messenger::new().unwrap();
            let dead = "SELECT count(*) FROM outbox WHERE state = 'dead'";
            while number(&app.database, dead) == 0 {
                deliver::pass(app.gate(), &messenger).await.unwrap();
                app.pass(2 * HOUR);
            }
            for _ in 0..5 {
                deliver::pass(app.gate(), &messenger).await.unwrap();
                app.pass(2 * HOUR);
            }
            let stories = acknowledged(&peer.heard()[before..]);
            assert!(stories[&heard.id].contains(&"claimed".to_owned()));
            assert!(!stories.contains_key(&deaf.id));
            let waiting = format!(
                "SELECT count(*) FROM outbox WHERE prescription_id = {} AND state = 'pending'",
                deaf.id
            );
            assert!(
                number(&app.database, &waiting) >= 1,
                "what follows a dead letter waits for it"
            );
            sent_again(app, &peer, &deaf.id).await;
        },
    )
    .await;
}

/// The partner is back: it sees what it missed, has it sent again, and hears everything that waited behind it.
async fn sent_again(app: &TestApp, peer: &FakePeer, deaf: &str) {
    peer.will_answer_about(deaf, 200);
    let hospital = app.hospital(1);
    let dead = hospital.get("/v1/hospital/dead-letters").await.ok();
    assert_eq!([&dead[0]["prescription_id"], &dead[0]["kind"]], [deaf, "claimed"]);
    let path =
        format!("/v1/hospital/dead-letters/{}/resend", dead[0]["notice_id"].as_str().unwrap());
    app.hospital(2).post(&path, &json!({})).await.refused(Reason::NotFound);
    assert_eq!(app.hospital(2).get("/v1/hospital/dead-letters").await.ok(), json!([]));
    hospital.post(&path, &json!({})).await.ok();
    hospital.post(&path, &json!({})).await.refused(Reason::NotFound);
    deliver_all(app).await;
    assert_eq!(hospital.get("/v1/hospital/dead-letters").await.ok(), json!([]));
}

#[actix_web::test]
async fn two_workers_never_deliver_the_same_notice_at_the_same_time() {
    let peer = FakePeer::start();
    Engine::each_with(
        || told_at(&peer),
        async |app| {
            let before = peer.heard().len();
            peer.will_take(Duration::from_millis(100));
            let other = open_gate(&app.database, &app.hands);
            join_all((0..24).map(|_| async { app.claimed(&plain()).await })).await;
            // Many commands at one instant are recorded some milliseconds apart.
            app.pass(1_000);
            let messenger = Messenger::new().unwrap();
            for _ in 0..200 {
                if undelivered(app).await == 0 {
                    break;
                }
                let here = deliver::pass(app.gate(), &messenger);
                let there = deliver::pass(&other, &messenger);
                let (here, there) = tokio::join!(here, there);
                here.unwrap();
                there.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert_eq!(undelivered(app).await, 0);
            other.store.close().await;
            let heard = peer.heard().split_off(before);
            let events: HashSet<Value> =
                heard.iter().map(|one| one.body["event_id"].clone()).collect();
            assert_eq!(heard.len(), 24);
            assert_eq!(events.len(), 24);
        },
    )
    .await;
}
