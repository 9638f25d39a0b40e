//! Two wishes for one prescription at the same time: exactly one of them comes true.

use domain::refusal::Reason;

use tokio::join;

use crate::app::Engine;
use crate::builders::{packed, plain};
use crate::caller::Reply;

const ROUNDS: usize = 40;

fn won(reply: &Reply) -> bool {
    assert!(reply.status < 500, "{}", reply.text);
    reply.status == 200
}

// proves: RX-11, RTE-03
#[actix_web::test]
async fn of_a_revocation_and_a_claim_the_prescription_ends_revoked_and_the_story_agrees() {
    Engine::each(async |app| {
        for _ in 0..ROUNDS {
            let issued = app.issued(&plain()).await;
            let (hospital, pharmacy) = (app.hospital(1), app.pharmacy(1));
            let (revoked, claimed) =
                join!(hospital.revoke(&issued.id), pharmacy.claim(&issued.pickup_token));
            revoked.ok();
            let story = app.story(&issued.id).await;
            if won(&claimed) {
                assert_eq!(story, ["accepted", "claimed", "revoked"]);
            } else {
                claimed.refused(Reason::PrescriptionRevoked);
                assert_eq!(story, ["accepted", "revoked"]);
            }
        }
    })
    .await;
}

// proves: RX-11, DS-01
#[actix_web::test]
async fn of_a_revocation_and_a_settlement_exactly_one_wins() {
    Engine::each(async |app| {
        for round in 0..ROUNDS {
            let (issued, personal) = app.plain_prepared().await;
            let (hospital, pharmacy) = (app.hospital(1), app.pharmacy(1));
            let revoke = hospital.revoke(&issued.id);
            let settle = pharmacy.settle(&issued.id, &personal);
            let hand_over = pharmacy.hand_over(&issued.id);
            let (revoked, settled, handed_over) = if round % 2 == 0 {
                join!(revoke, settle, hand_over)
            } else {
                let (settled, handed_over, revoked) = join!(settle, hand_over, revoke);
                (revoked, settled, handed_over)
            };
            assert_ne!(won(&revoked), won(&settled), "{} {}", revoked.text, settled.text);
            if won(&settled) {
                revoked.refused(Reason::PrescriptionUsed);
            } else {
                settled.refused(Reason::PrescriptionFrozen);
                assert!(!won(&handed_over), "{}", handed_over.text);
            }
        }
    })
    .await;
}

// proves: SET-02
#[actix_web::test]
async fn two_settlements_with_different_keys_become_one() {
    Engine::each(async |app| {
        for _ in 0..ROUNDS {
            let (issued, personal) = app.plain_prepared().await;
            let pharmacy = app.pharmacy(1);
            let (one, other) = join!(
                pharmacy.settle(&issued.id, &personal),
                pharmacy.settle(&issued.id, &personal)
            );
            assert_ne!(won(&one), won(&other), "{} {}", one.text, other.text);
        }
    })
    .await;
}

// proves: DS-04
#[actix_web::test]
async fn of_two_pharmacies_that_pack_the_same_box_one_gets_it() {
    Engine::each(async |app| {
        for _ in 0..ROUNDS {
            let form = plain();
            let boxes = packed(&form);
            let first = app.approved(&form).await;
            let second = app.issued(&plain()).await;
            let other = app.pharmacy(2);
            other.claim(&second.pickup_token).await.ok();
            other.review(&second.id, "P2A", "approve").await.ok();
            let pharmacy = app.pharmacy(1);
            let (mine, theirs) =
                join!(pharmacy.prepare(&first.id, &boxes), other.prepare(&second.id, &boxes));
            assert_ne!(won(&mine), won(&theirs), "{} {}", mine.text, theirs.text);
            let loser = if won(&mine) { theirs } else { mine };
            loser.refused(Reason::TraceCodeReserved);
        }
    })
    .await;
}
