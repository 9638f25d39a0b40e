//! What a patient does: show the pick-up token and the second factor, see who may dispense, choose.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use domain::check::Errand;
use domain::institution::{InstitutionId, Place};
use domain::prescription::{Prescription, PrescriptionId};
use domain::refusal::{Reason, Refusal};
use domain::register::Entries;
use domain::role::Role;
use domain::route::{self, Enquiry, Routed, SortKey};
use domain::verb::{Show, Verb};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::person::last_four_hash;
use super::{Gate, unreadable};

/// Pharmacies shown at most; the nearest (or cheapest, or best stocked) of them.
const MOST_SHOWN: usize = 50;
/// Attempts at the second factor per prescription before it pauses.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(5).unwrap();
const PAUSE: Duration = Duration::from_secs(600);

/// Lists of candidates per prescription: each is an event in the record for ever.
const LISTS: NonZeroU32 = NonZeroU32::new(30).unwrap();
const LIST_PAUSE: Duration = Duration::from_secs(10);

/// Credentials read at the counters of one pharmacy: a busy shop reads a few a minute.
const READINGS: NonZeroU32 = NonZeroU32::new(60).unwrap();
const READING_PAUSE: Duration = Duration::from_secs(2);

/// Counts what nobody may do without end, per prescription or pharmacy.
pub struct Attempts {
    second_factor: DefaultKeyedRateLimiter<PrescriptionId>,
    lists: DefaultKeyedRateLimiter<PrescriptionId>,
    counters: DefaultKeyedRateLimiter<InstitutionId>,
}

impl Attempts {
    /// Did this pharmacy read too many credentials in a short time?
    pub fn is_over_for_counter(&self, pharmacy: InstitutionId) -> bool {
        self.counters.check_key(&pharmacy).is_err()
    }
}

impl Default for Attempts {
    fn default() -> Attempts {
        let quota = |pause, burst| match Quota::with_period(pause) {
            Some(quota) => quota.allow_burst(burst),
            None => Quota::per_hour(burst),
        };
        Attempts {
            second_factor: RateLimiter::keyed(quota(PAUSE, ATTEMPTS)),
            lists: RateLimiter::keyed(quota(LIST_PAUSE, LISTS)),
            counters: RateLimiter::keyed(quota(READING_PAUSE, READINGS)),
        }
    }
}

impl Gate {
    /// The prescription behind a pick-up token and the issue of the token. Refused: `PickupTokenInvalid`.
    pub(super) fn read_pickup(&self, token: &str) -> Result<(PrescriptionId, i32), Refusal> {
        let (id, rotation) =
            self.keys.read_pickup_token(token).ok_or(Reason::PickupTokenInvalid)?;
        Ok((PrescriptionId::new(id), i32::from(rotation)))
    }

    /// A patient's access token for one prescription, against pick-up token and second factor.
    ///
    /// Refused: `PickupTokenInvalid`, `SecondFactorWrong`, `TooManyAttempts`.
    pub async fn admit(&self, pickup_token: &str, last_four: &str) -> Result<String, Refusal> {
        let (id, rotation) = self.read_pickup(pickup_token)?;
        if self.attempts.second_factor.check_key(&id).is_err() {
            return Err(Reason::TooManyAttempts.into());
        }
        let known = self.store.read(move |engine| engine.second_factor(id)).await;
        let known = known.map_err(unreadable)?.ok_or(Reason::PickupTokenInvalid)?;
        if known.pickup_rotation != rotation {
            return Err(Reason::PickupTokenInvalid.into());
        }
        if known.last_four_hash != last_four_hash(&self.keys, last_four) {
            return Err(Reason::SecondFactorWrong.into());
        }
        let token = self.token_maker.issue(&id.to_string(), Role::Patient, self.now());
        token.map_err(|_| Reason::Internal.into())
    }

    /// The pharmacies that may dispense, as the patient wants them sorted; the list shown is logged (RTE-01).
    pub async fn candidates(
        &self,
        id: PrescriptionId,
        from: Option<Place>,
        sorted_by: SortKey,
    ) -> Result<Routed, Refusal> {
        if self.attempts.lists.check_key(&id).is_err() {
            return Err(Reason::TooManyAttempts.into());
        }
        let prescription = self.prescription(id).await?;
        let keys = prescription.facts.lines.iter().map(|line| line.product_key()).collect();
        let stock = self.store.read(move |engine| engine.stock(keys)).await.map_err(unreadable)?;
        let knowledge = self.store.knowledge();
        let today = self.now().civil_date();
        let region = knowledge.region(&prescription.pooling_area, today).ok_or(Reason::Internal)?;
        // What the registers fix is looked at when the pharmacy claims.
        let errand = Errand::new(&prescription, Entries::default(), region, today);
        let enquiry = Enquiry { from, by: sorted_by, limit: MOST_SHOWN };
        let routed = route::candidates(&errand, &knowledge.registry, &stock, &enquiry);
        let shown = routed.shown.iter().map(|one| one.pharmacy_id).collect();
        self.act(Verb::Show(Show { prescription_id: id, sorted_by, shown })).await?;
        Ok(routed)
    }

    /// A prescription by id. The caller has shown that it is theirs. Refused: `NotFound`.
    pub async fn prescription(&self, id: PrescriptionId) -> Result<Arc<Prescription>, Refusal> {
        let found = self.store.read(move |engine| engine.prescription(id)).await;
        found.map_err(unreadable)?.ok_or_else(|| Reason::NotFound.into())
    }
}
