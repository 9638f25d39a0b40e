//! Everything that one batch writes, as rows: the last state of each row that was changed.

use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::{DispensingRow, DrugBoxRow};
use crate::rows::entry::EntryRow;
use crate::rows::event::EventRow;
use crate::rows::outbox::NoticeRow;
use crate::rows::prescription::{LineRow, NewPrescription};
use crate::rows::settlement::{PostingRow, ReversalRow, SettlementRow, UsageRow};

/// The tables in the order in which they are written: what is referred to comes first.
#[derive(Debug, Default)]
pub struct Saving {
    pub prescriptions: Vec<NewPrescription>,
    pub lines: Vec<LineRow>,
    /// New or changed, by prescription.
    pub circulations: Vec<CirculationRow>,
    /// New or changed, by id.
    pub dispensings: Vec<DispensingRow>,
    /// Never seen before: another writer that saw one too is a conflict, never overwritten.
    pub new_boxes: Vec<DrugBoxRow>,
    /// Known and locked.
    pub boxes: Vec<DrugBoxRow>,
    pub settlements: Vec<SettlementRow>,
    pub reversals: Vec<ReversalRow>,
    pub postings: Vec<PostingRow>,
    /// New or changed; their person is locked.
    pub usages: Vec<UsageRow>,
    /// New or ended, by id.
    pub entries: Vec<EntryRow>,
    pub events: Vec<EventRow>,
    pub notices: Vec<NoticeRow>,
    pub commands: Vec<CommandRow>,
}

impl Saving {
    /// Is there nothing to write?
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
            && self.events.is_empty()
            && self.circulations.is_empty()
            && self.prescriptions.is_empty()
            && self.dispensings.is_empty()
    }
}
