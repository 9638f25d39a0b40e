//! What the doors see of a prescription, out of `circulation` and a few columns of `prescription`.

use diesel::prelude::*;
use domain::circulation::Circulation;
use domain::dispensing::Dispensing;
use domain::id::Id;
use domain::moment::Moment;
use domain::prescription::Prescription;
use domain::settle::Settlement;

use super::circulation::CirculationRow;
use super::event::EventRow;
use super::{Unreadable, document};
use crate::schema;
use crate::view::{DispensingView, EventView, HeldView, PrescriptionView, SettlementView};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::prescription)]
pub struct NumbersRow {
    pub hosp_rxno: String,
    pub hi_rxno: String,
    pub rx_trace_code: String,
    pub issued_ms: i64,
    pub accepted_ms: i64,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::circulation)]
pub struct ViewRow {
    #[diesel(embed)]
    circulation: CirculationRow,
    #[diesel(embed)]
    numbers: NumbersRow,
}

impl ViewRow {
    pub fn institution_id(&self) -> i64 {
        self.circulation.institution_id
    }

    /// With the state as it is at `now`.
    pub fn view(self, now: Moment) -> Result<PrescriptionView, Unreadable> {
        let circulation: Circulation = self.circulation.try_into()?;
        let state = circulation.state_at(now);
        let holder =
            circulation.holder.filter(|_| !matches!(state, domain::lifecycle::State::Open));
        Ok(PrescriptionView {
            prescription_id: circulation.prescription_id,
            institution_id: circulation.institution_id,
            pooling_area: circulation.pooling_area,
            hosp_rxno: self.numbers.hosp_rxno.into(),
            hi_rxno: self.numbers.hi_rxno.into(),
            rx_trace_code: self.numbers.rx_trace_code.into(),
            state,
            issued_at: Moment::from_millis(self.numbers.issued_ms),
            accepted_at: Moment::from_millis(self.numbers.accepted_ms),
            valid_until: circulation.valid_until,
            chosen_pharmacy: circulation.chosen_pharmacy,
            holder: holder.as_ref().map(|one| one.pharmacy_id),
            lease_until: holder.as_ref().map(|one| one.lease_until),
            review: holder.as_ref().map(|one| one.review),
            frozen_until: circulation.frozen_until,
            line_states: circulation.lines,
        })
    }
}

/// The pharmacy's own view of what it holds or sold.
pub fn held(
    view: PrescriptionView,
    prescription: &Prescription,
    own: Vec<Dispensing>,
    settlements: &[Settlement],
) -> HeldView {
    let dispensing = |one: Dispensing| DispensingView {
        dispensing_id: one.id,
        state: one.state,
        prepared_at: one.prepared_at,
        settled_at: one.settled_at,
        handed_over_at: one.handed_over_at,
        quoted_personal: one.quoted_personal,
        settlement: settlements
            .iter()
            .find(|settled| settled.dispensing_id == one.id)
            .map(settlement),
        lines: one.lines,
    };
    HeldView {
        prescription: view,
        diagnoses: prescription.facts.diagnoses.clone(),
        lines: prescription.facts.lines.clone(),
        dispensings: own.into_iter().map(dispensing).collect(),
    }
}

fn settlement(of: &Settlement) -> SettlementView {
    SettlementView {
        settlement_id: of.id,
        settled_at: of.settled_at,
        edition: of.edition.clone(),
        split: of.split.clone(),
    }
}

impl TryFrom<EventRow> for EventView {
    type Error = Unreadable;
    fn try_from(row: EventRow) -> Result<EventView, Unreadable> {
        Ok(EventView {
            lane: row.lane,
            seq: row.seq,
            event_id: Id::new(row.id),
            prescription_id: row.prescription_id.map(Id::new),
            rx_seq: row.rx_seq,
            kind: row.kind.into(),
            actor: row.actor_id.map(Id::new),
            at: Moment::from_millis(row.at_ms),
            body: document("event.body", &row.body)?,
            digest: row.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}
