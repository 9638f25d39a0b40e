//! The verbs: each a command with declared keys and one pure function that decides it on a loaded world.
//!
//! `keys(command)` says what to load and lock; `decide(desk, verb)` answers and lists the changes. A refusal changes
//! nothing. No verb knows of transactions, transports or other commands of its batch.

mod case;
mod choose;
mod claim;
mod decide_hold;
mod deliver;
mod enrol;
mod give_back;
mod hand_over;
mod lapse;
mod order;
mod prepare;
mod reissue;
mod review;
mod revoke;
mod settle;
mod submit;

pub use case::Case;
pub use choose::{Choose, ChooseReply, Show};
pub use claim::{Claim, ClaimReply, Proof, Release};
pub use decide_hold::{DecideHold, HoldKeeper};
pub use deliver::{DeliveryReply, Dispatch, FailDelivery, SignFor};
pub use enrol::{ChangePharmacy, EndEntry, Enrol, EntryReply};
pub use give_back::{GiveBack, GiveBackReply};
pub use hand_over::{HandOver, HandOverReply};
pub use lapse::{ConfirmNothingLeft, Lapse};
pub use order::{Order, OrderReply};
pub use prepare::{Prepare, PrepareReply};
pub use reissue::{Reissue, ReissueReply};
pub use review::{AnswerQuery, Decide, Review, ReviewReply};
pub use revoke::{Revoke, StateReply};
pub use settle::{Settle, SettleReply};
pub use submit::{LineReply, Submit, SubmitReply};

use serde::Serialize;

use crate::id::IdMaker;
use crate::knowledge::Knowledge;
use crate::moment::Moment;
use crate::refusal::{Reason, Refusal};
use crate::world::{Changes, Keys, World};

/// What a caller wants done, exactly once.
#[derive(Clone, Debug)]
pub struct Command {
    /// None for what the gateway does by itself: it may be repeated without harm.
    pub call: Option<Call>,
    pub verb: Verb,
}

/// Identity of a call: the same scope and key with the same digest is the same call (DESIGN §4 "Exactly once").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Raw id of the institution, or of the prescription for a patient.
    pub scope: i64,
    /// Idempotency key: 8 to 64 characters.
    pub key: Box<str>,
    /// SM3 over operation and body.
    pub digest: [u8; 32],
}

#[derive(Clone, Debug)]
pub enum Verb {
    Submit(Box<Submit>),
    Revoke(Revoke),
    Reissue(Reissue),
    Show(Show),
    Choose(Choose),
    Claim(Claim),
    Release(Release),
    Review(Review),
    AnswerQuery(AnswerQuery),
    Prepare(Prepare),
    Settle(Settle),
    HandOver(HandOver),
    Dispatch(Dispatch),
    SignFor(SignFor),
    FailDelivery(FailDelivery),
    GiveBack(GiveBack),
    Order(Order),
    DecideHold(DecideHold),
    Enrol(Box<Enrol>),
    EndEntry(EndEntry),
    ChangePharmacy(ChangePharmacy),
    ConfirmNothingLeft(ConfirmNothingLeft),
    Lapse(Lapse),
}

/// What everybody who waits for a command gets to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The reply as JSON text, stored and repeated byte for byte.
    Done(Box<str>),
    Refused(Refusal),
}

/// A decided command: its answer is stored together with its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub answer: Answer,
    pub changes: Changes,
}

/// What a verb decides with: the world as it is, and the world's own limits.
pub struct Desk<'a> {
    pub world: &'a World,
    pub knowledge: &'a Knowledge,
    pub now: Moment,
    pub ids: &'a mut IdMaker,
}

impl Verb {
    /// What must be loaded and locked before [`decide`].
    pub fn keys(&self) -> Keys {
        match self {
            Verb::Submit(verb) => verb.keys(),
            Verb::GiveBack(verb) => verb.keys(),
            Verb::Enrol(verb) => verb.keys(),
            Verb::EndEntry(verb) => verb.keys(),
            Verb::ChangePharmacy(verb) => verb.keys(),
            Verb::Prepare(verb) => verb.keys(),
            Verb::Settle(verb) => verb.keys(),
            Verb::Revoke(Revoke { prescription_id, .. })
            | Verb::Reissue(Reissue { prescription_id, .. })
            | Verb::Show(Show { prescription_id, .. })
            | Verb::Choose(Choose { prescription_id, .. })
            | Verb::Claim(Claim { prescription_id, .. })
            | Verb::Release(Release { prescription_id, .. })
            | Verb::Review(Review { prescription_id, .. })
            | Verb::AnswerQuery(AnswerQuery { prescription_id, .. })
            | Verb::HandOver(HandOver { prescription_id, .. })
            | Verb::Dispatch(Dispatch { prescription_id, .. })
            | Verb::SignFor(SignFor { prescription_id, .. })
            | Verb::FailDelivery(FailDelivery { prescription_id, .. })
            | Verb::Order(Order { prescription_id, .. })
            | Verb::DecideHold(DecideHold { prescription_id, .. })
            | Verb::ConfirmNothingLeft(ConfirmNothingLeft { prescription_id, .. })
            | Verb::Lapse(Lapse { prescription_id }) => {
                let prescription = Some(*prescription_id);
                Keys { prescription, registers: true, ..Keys::default() }
            }
        }
    }

    /// Decides the verb. `Err` is a refusal that depends on the present state: it is answered but not stored.
    pub fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        match self {
            Verb::Submit(verb) => verb.decide(desk),
            Verb::Revoke(verb) => verb.decide(desk),
            Verb::Reissue(verb) => verb.decide(desk),
            Verb::Show(verb) => verb.decide(desk),
            Verb::Choose(verb) => verb.decide(desk),
            Verb::Claim(verb) => verb.decide(desk),
            Verb::Release(verb) => verb.decide(desk),
            Verb::Review(verb) => verb.decide(desk),
            Verb::AnswerQuery(verb) => verb.decide(desk),
            Verb::Prepare(verb) => verb.decide(desk),
            Verb::Settle(verb) => verb.decide(desk),
            Verb::HandOver(verb) => verb.decide(desk),
            Verb::Dispatch(verb) => verb.decide(desk),
            Verb::SignFor(verb) => verb.decide(desk),
            Verb::FailDelivery(verb) => verb.decide(desk),
            Verb::GiveBack(verb) => verb.decide(desk),
            Verb::Order(verb) => verb.decide(desk),
            Verb::DecideHold(verb) => verb.decide(desk),
            Verb::Enrol(verb) => verb.decide(desk),
            Verb::EndEntry(verb) => verb.decide(desk),
            Verb::ChangePharmacy(verb) => verb.decide(desk),
            Verb::ConfirmNothingLeft(verb) => verb.decide(desk),
            Verb::Lapse(verb) => verb.decide(desk),
        }
    }
}

impl Decision {
    /// A yes with its reply.
    pub fn done<R: Serialize>(reply: &R, changes: Changes) -> Result<Decision, Refusal> {
        let text = serde_json::to_string(reply).map_err(|_| Reason::Internal)?;
        Ok(Decision { answer: Answer::Done(text.into()), changes })
    }
}
