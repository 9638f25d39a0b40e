//! The docket of one batch: each command decided in the order of arrival on the world so far, and what it leaves to write.
//!
//! No connection is in reach. A call that was answered before, in another batch or earlier in this one, hears the same
//! answer again; a verb that panics is answered as an internal fault and changes nothing.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::QueryResult;
use domain::dispensing::DispensingId;
use domain::knowledge::Knowledge;
use domain::prescription::{PersonId, PrescriptionId, TraceCode};
use domain::refusal::{Reason, Refusal};
use domain::register::EntryId;
use domain::verb::{Answer, Call, Command, Decision, Desk};
use domain::world::{Changes, Event, Notice, UsageKey};

use crate::chain::{Digest, Head};
use crate::fault::message;
use crate::lane::BatchTime;
use crate::load::Loaded;
use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::{DispensingRow, DrugBoxRow};
use crate::rows::entry::EntryRow;
use crate::rows::event::{EventRow, Place};
use crate::rows::json;
use crate::rows::outbox::NoticeRow;
use crate::rows::prescription::{LineRow, NewPrescription};
use crate::rows::settlement::{PostingRow, ReversalRow, SettlementRow, UsageRow};
use crate::saving::Saving;

/// Answers by scope and key, each with the digest of its call.
pub type Answered = HashMap<(i64, Box<str>), (Vec<u8>, Answer)>;

/// What the calls were answered, out of their rows.
pub fn answered(rows: Vec<CommandRow>) -> QueryResult<Answered> {
    let entry = |row: CommandRow| {
        let key = (row.scope, row.key.clone().into_boxed_str());
        Ok((key, (row.digest.clone(), row.answer()?)))
    };
    rows.into_iter().map(entry).collect()
}

/// The answer that a call had before: the same body hears the same, another is a mismatch.
pub fn repeated(answered: &Answered, call: &Call) -> Option<Answer> {
    let (digest, answer) = answered.get(&(call.scope, call.key.clone()))?;
    let same = digest.as_slice() == call.digest;
    Some(if same { answer.clone() } else { Answer::Refused(Reason::IdempotencyMismatch.into()) })
}

pub struct Docket<'a> {
    pub knowledge: &'a Knowledge,
    pub hash: Digest,
    pub time: BatchTime,
    pub lane: i32,
    /// Where the lane's chain stands.
    pub head: Head,
    pub loaded: Loaded,
    pub answered: Answered,
    pub changed: Changed,
    pub saving: Saving,
}

/// Keys of rows that were changed and not yet written down.
#[derive(Debug, Default)]
pub struct Changed {
    circulations: BTreeSet<PrescriptionId>,
    dispensings: BTreeSet<DispensingId>,
    boxes: BTreeSet<TraceCode>,
    usages: BTreeSet<UsageKey>,
    entries: BTreeSet<(PersonId, EntryId)>,
}

impl Docket<'_> {
    /// Decides one command and notes what it changes.
    pub fn hear(&mut self, command: &Command) -> QueryResult<Answer> {
        if let Some(answer) = command.call.as_ref().and_then(|call| repeated(&self.answered, call))
        {
            return Ok(answer);
        }
        let Decision { answer, changes } = match self.decide(command) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Answer::Refused(refusal)),
        };
        self.note(&changes)?;
        if let Some(call) = &command.call {
            self.saving.commands.push(CommandRow::new(call, &answer, self.time.now)?);
            let key = (call.scope, call.key.clone());
            self.answered.insert(key, (call.digest.to_vec(), answer.clone()));
        }
        Ok(answer)
    }

    fn decide(&mut self, command: &Command) -> Result<Decision, Refusal> {
        let desk = Desk {
            world: &self.loaded.world,
            knowledge: self.knowledge,
            now: self.time.now,
            ids: &mut self.time.ids,
        };
        // Nothing is changed before the decision is there, so that a panic leaves nothing half done.
        let decided = catch_unwind(AssertUnwindSafe(|| command.verb.decide(desk)));
        decided.unwrap_or_else(|panic| {
            tracing::error!(what = message(panic.as_ref()), "a verb panicked");
            Err(Reason::Internal.into())
        })
    }

    fn note(&mut self, changes: &Changes) -> QueryResult<()> {
        if let Some(issued) = &changes.prescription {
            self.saving.prescriptions.push(NewPrescription::new(issued)?);
            self.saving.lines.extend(LineRow::all_of(&issued.prescription));
        }
        if let Some(circulation) = &changes.circulation {
            let id = circulation.prescription_id;
            // A look at a prescription changes nothing.
            if self.loaded.world.circulations.get(&id) != Some(circulation) {
                self.changed.circulations.insert(id);
            }
        }
        self.changed.dispensings.extend(changes.dispensings.iter().map(|one| one.id));
        self.changed.boxes.extend(changes.boxes.iter().map(|one| one.trace_code.clone()));
        self.changed.usages.extend(changes.usages.iter().map(|(key, _)| key.clone()));
        if let Some(settlement) = &changes.settlement {
            self.saving.settlements.push(SettlementRow::new(settlement)?);
            self.saving.postings.extend(PostingRow::all_of(settlement));
        }
        if let Some(reversal) = &changes.reversal {
            self.saving.reversals.push(ReversalRow::from(reversal));
            self.saving.postings.extend(PostingRow::all_of_reversal(reversal));
        }
        self.changed.entries.extend(changes.entries.iter().map(|one| (one.person_id, one.id)));
        self.loaded.world.apply(changes);
        for event in &changes.events {
            self.chain(event)?;
        }
        for notice in &changes.notices {
            self.tell(notice)?;
        }
        Ok(())
    }

    /// Appends an event to the lane's chain and to its prescription's own.
    fn chain(&mut self, event: &Event) -> QueryResult<()> {
        let own = event.prescription_id.map(|id| self.loaded.heads.entry(id).or_default());
        let place = Place { lane: self.lane, before: &self.head, rx_before: own.as_deref() };
        let mut row = EventRow::new(event, json(&event.body)?, &place);
        let digest = row.chained().digest(&row.prev, self.hash);
        row.digest = digest.to_vec();
        self.head.advance(digest);
        if let Some(own) = own {
            own.advance(digest);
        }
        // The prescription's row carries the head of its chain.
        self.changed.circulations.extend(event.prescription_id);
        self.saving.events.push(row);
        Ok(())
    }

    fn tell(&mut self, notice: &Notice) -> QueryResult<()> {
        let event_id = notice.event_id.raw();
        let told = self.saving.events.iter().rev().find(|row| row.id == event_id);
        let rx_seq = told.and_then(|row| row.rx_seq).unwrap_or_default();
        let id = self.time.ids.make::<Notice>().raw();
        self.saving.notices.push(NoticeRow::new(id, notice, rx_seq, self.time.now.millis())?);
        Ok(())
    }

    /// The rows as they are after the last command.
    pub fn close(self) -> QueryResult<(Saving, Head, BatchTime)> {
        let Docket { mut saving, changed, loaded, head, time, .. } = self;
        let Loaded { world, heads, known_boxes } = loaded;
        let fresh = Head::default();
        let circulations = changed.circulations.iter().filter_map(|id| {
            let circulation = world.circulations.get(id)?;
            Some(CirculationRow::new(circulation, heads.get(id).unwrap_or(&fresh)))
        });
        saving.circulations = circulations.collect::<QueryResult<_>>()?;
        let dispensings = changed.dispensings.iter().filter_map(|id| world.dispensings.get(id));
        saving.dispensings = dispensings.map(DispensingRow::new).collect::<QueryResult<_>>()?;
        let boxes = changed.boxes.iter().filter_map(|code| world.boxes.get(code));
        (saving.boxes, saving.new_boxes) = boxes
            .map(|one| (known_boxes.contains(&one.trace_code), DrugBoxRow::from(one)))
            .fold(Default::default(), sorted_out);
        let usages = changed.usages.iter().filter_map(|key| Some((key, world.usages.get(key)?)));
        saving.usages = usages.map(|(key, usage)| UsageRow::new(key, usage)).collect();
        let entries = changed.entries.iter().filter_map(|(person, id)| {
            world.entries_of(*person).0.iter().find(|entry| entry.id == *id)
        });
        saving.entries = entries.map(EntryRow::new).collect::<QueryResult<_>>()?;
        Ok((saving, head, time))
    }
}

type Boxes = Vec<DrugBoxRow>;

fn sorted_out(
    (mut known, mut new): (Boxes, Boxes),
    (is_known, row): (bool, DrugBoxRow),
) -> (Boxes, Boxes) {
    if is_known {
        known.push(row)
    } else {
        new.push(row)
    }
    (known, new)
}
