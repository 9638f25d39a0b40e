//! Many pharmacies want the same prescriptions at the same moment: one gets each, nobody gets a server error.

use std::collections::HashMap;
use std::sync::Arc;

use domain::refusal::Reason;
use futures_util::StreamExt;
use futures_util::stream::iter;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::app::{Engine, Plan, TestApp};
use crate::builders::{METFORMIN, plain, rx};
use crate::caller::{Caller, Issued};
use crate::town::{Town, pharmacy};

const CLIENTS: i64 = 64;
const PRESCRIPTIONS: usize = 500;

/// Submits prescriptions, sixteen at a time.
async fn issue(app: &TestApp, count: usize) -> Vec<Issued> {
    let hospital = app.hospital(1);
    let submit = |_| {
        let hospital = hospital.clone();
        async move { Issued::from(hospital.submit(&rx().line(METFORMIN, 1)).await.ok()) }
    };
    iter(0..count).map(submit).buffer_unordered(16).collect().await
}

/// All clients claim all prescriptions, each in an order of its own; who won what.
async fn storm(
    app: &TestApp,
    clients: i64,
    issued: &Arc<Vec<Issued>>,
) -> HashMap<String, Vec<i64>> {
    let start = Arc::new(Barrier::new(usize::try_from(clients).unwrap()));
    let mut claiming = JoinSet::new();
    for client in 1..=clients {
        let replica = usize::try_from(client).unwrap() % app.replicas();
        let caller = app.caller_at(replica, domain::role::Role::Pharmacy, pharmacy(client).raw());
        let (issued, start) = (Arc::clone(issued), Arc::clone(&start));
        claiming.spawn(async move {
            start.wait().await;
            (client, claim_all(&caller, &issued, usize::try_from(client).unwrap()).await)
        });
    }
    let mut winners: HashMap<String, Vec<i64>> = HashMap::new();
    while let Some(done) = claiming.join_next().await {
        let (client, won) = done.unwrap();
        for id in won {
            winners.entry(id).or_default().push(client);
        }
    }
    winners
}

async fn claim_all(caller: &Caller, issued: &[Issued], client: usize) -> Vec<String> {
    let mut won = Vec::new();
    for turn in 0..issued.len() {
        // Neighbours start at the same prescriptions, so that every one of them is fought for.
        let wanted = &issued[(turn + client / 8 * 7) % issued.len()];
        let reply = caller.claim(&wanted.pickup_token).await;
        if reply.status == 200 {
            won.push(wanted.id.clone());
        } else {
            reply.refused(Reason::AlreadyClaimed);
        }
    }
    won
}

fn assert_one_winner_each(winners: &HashMap<String, Vec<i64>>, issued: &[Issued]) {
    assert_eq!(winners.len(), issued.len(), "every prescription is claimed");
    for (id, clients) in winners {
        assert_eq!(clients.len(), 1, "{id} was claimed by {clients:?}");
    }
}

// proves: RTE-03
#[actix_web::test]
async fn in_a_claim_storm_every_prescription_has_one_winner() {
    Engine::each_with(
        || Plan::with_town(Town::with(CLIENTS)),
        async |app| {
            let issued = Arc::new(issue(app, PRESCRIPTIONS).await);
            let winners = storm(app, CLIENTS, &issued).await;
            assert_one_winner_each(&winners, &issued);
        },
    )
    .await;
}

// proves: RTE-03
#[actix_web::test]
async fn two_replicas_on_one_database_give_every_prescription_one_winner() {
    let mut app = TestApp::start(Engine::Postgres, Plan::with_town(Town::with(16))).await;
    app.replicate().await;
    let issued = Arc::new(issue(&app, 100).await);
    let winners = storm(&app, 16, &issued).await;
    assert_one_winner_each(&winners, &issued);
    app.end().await;
}

#[actix_web::test]
async fn what_one_replica_did_the_other_sees_at_once() {
    let mut app = TestApp::start(Engine::Postgres, Plan::default()).await;
    app.replicate().await;
    let issued = app.claimed(&plain()).await;
    let there = app.caller_at(1, domain::role::Role::Pharmacy, pharmacy(2).raw());
    there.claim(&issued.pickup_token).await.refused(Reason::AlreadyClaimed);
    app.end().await;
}
