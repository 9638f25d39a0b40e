//! Everything that one batch writes, as rows: the last state of each row that was changed.

use diesel::QueryResult;

use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::{DispensingRow, DrugBoxRow};
use crate::rows::entry::EntryRow;
use crate::rows::event::EventRow;
use crate::rows::outbox::NoticeRow;
use crate::rows::prescription::{LineRow, NewPrescription};
use crate::rows::settlement::{PostingRow, ReversalRow, SettlementRow, UsageRow};
use crate::written::{Clash, Fails, Renews, Written};

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

/// Who writes the rows of one table after the other.
pub trait Tables<'s> {
    /// There may be none.
    fn rows<R: Written, M: Clash>(&mut self, rows: &'s [R]) -> QueryResult<()>;
}

impl Saving {
    /// Every table; what is referred to comes first.
    pub fn tables<'s>(&'s self, to: &mut impl Tables<'s>) -> QueryResult<()> {
        to.rows::<_, Fails>(&self.prescriptions)?;
        to.rows::<_, Fails>(&self.lines)?;
        to.rows::<_, Renews>(&self.circulations)?;
        to.rows::<_, Renews>(&self.dispensings)?;
        to.rows::<_, Fails>(&self.new_boxes)?;
        to.rows::<_, Renews>(&self.boxes)?;
        to.rows::<_, Fails>(&self.settlements)?;
        to.rows::<_, Fails>(&self.reversals)?;
        to.rows::<_, Fails>(&self.postings)?;
        to.rows::<_, Renews>(&self.usages)?;
        to.rows::<_, Renews>(&self.entries)?;
        to.rows::<_, Fails>(&self.events)?;
        to.rows::<_, Fails>(&self.notices)?;
        to.rows::<_, Fails>(&self.commands)
    }

    /// Is there nothing to write?
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
            && self.events.is_empty()
            && self.circulations.is_empty()
            && self.prescriptions.is_empty()
            && self.dispensings.is_empty()
    }
}
