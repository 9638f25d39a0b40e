//! One sitting: all commands of a batch heard on what the database says now, and everything written but not yet committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::knowledge::Knowledge;
use domain::moment::Moment;
use domain::prescription::{Prescription, PrescriptionId};
use domain::verb::{Answer, Call, Command};
use domain::world::Keys;

use crate::chain::Head;
use crate::committer::Shared;
use crate::docket::{Answered, Changed, Docket, answered, repeated};
use crate::engine::Desk;
use crate::fault::Trouble;
use crate::lane::{self, BatchTime};
use crate::load::load;
use crate::memory::Memory;
use crate::rows::event::LaneRow;
use crate::saving::Saving;

/// What came of one transaction that is not yet committed.
pub struct Sitting {
    pub answers: Vec<Answer>,
    /// Is there anything to commit?
    pub written: bool,
    pub lane: LaneRow,
    /// Those that were met or made.
    pub prescriptions: BTreeMap<PrescriptionId, Arc<Prescription>>,
}

/// Hears all commands in the order of arrival. `mine` is the lane as its last batch left it.
pub fn hear(
    desk: &mut dyn Desk,
    shared: &Shared,
    mine: &LaneRow,
    memory: &Memory,
    commands: &[&Command],
) -> Result<Sitting, Trouble> {
    let opening = desk.opening(mine.id)?.ok_or(Trouble::LaneLost)?;
    let found = lane::still_ours(mine, &opening)?;
    let simulated = shared.settings.clock.as_ref().map(|clock| clock());
    let clock = simulated.unwrap_or(Moment::from_millis(opening.clock_ms));
    let mut time = BatchTime::new(&found, clock)?;
    let knowledge = current_knowledge(desk, shared, opening.revision)?;
    let before = answered_before(desk, commands)?;
    let is_new = |command: &&&Command| match &command.call {
        Some(call) => repeated(&before, call).is_none(),
        None => true,
    };
    let keys: Vec<Keys> = commands.iter().filter(is_new).map(|one| one.verb.keys()).collect();
    let loaded = load(desk, &keys, memory, time.now, &mut time.ids)?;
    let mut docket = Docket {
        knowledge: &knowledge,
        hash: shared.settings.digest,
        time,
        lane: found.id,
        head: Head::stored(found.seq, &found.head),
        loaded,
        answered: before,
        changed: Changed::default(),
        saving: Saving::default(),
    };
    let answers = commands.iter().map(|one| docket.hear(one)).collect::<Result<Vec<_>, _>>()?;
    answered_meanwhile(desk, commands, &answers, &docket.answered)?;
    let prescriptions = std::mem::take(&mut docket.loaded.world.prescriptions);
    let (saving, head, time) = docket.close()?;
    let after = lane::moved_on(&found, &head, &time);
    if saving.is_empty() {
        return Ok(Sitting { answers, written: false, lane: found, prescriptions });
    }
    if !desk.save(&saving, &found, &after)? {
        return Err(Trouble::LaneLost);
    }
    Ok(Sitting { answers, written: true, lane: after, prescriptions })
}

fn answered_before(desk: &mut dyn Desk, commands: &[&Command]) -> Result<Answered, Trouble> {
    let calls: Vec<&Call> = commands.iter().filter_map(|command| command.call.as_ref()).collect();
    if calls.is_empty() {
        return Ok(Answered::default());
    }
    let calls: Vec<(i64, &str)> = calls.iter().map(|call| (call.scope, &*call.key)).collect();
    Ok(answered(desk.answers(&calls)?)?)
}

/// A refusal by the state may be the trace of the call's own first attempt, which committed between our look for its answer
/// and our lock on its rows: then the batch is run again and hears that answer.
fn answered_meanwhile(
    desk: &mut dyn Desk,
    commands: &[&Command],
    answers: &[Answer],
    known: &Answered,
) -> Result<(), Trouble> {
    let refused =
        commands.iter().zip(answers).filter(|(_, answer)| matches!(answer, Answer::Refused(_)));
    let calls = refused.filter_map(|(command, _)| command.call.as_ref());
    let unstored: Vec<(i64, &str)> = calls
        .map(|call| (call.scope, &*call.key))
        .filter(|(scope, key)| !known.contains_key(&(*scope, (*key).into())))
        .collect();
    if unstored.is_empty() || desk.answers(&unstored)?.is_empty() {
        return Ok(());
    }
    Err(Trouble::Serialization)
}

/// The knowledge with the registry that this transaction sees; a changed one is read and swapped in for everybody.
fn current_knowledge(
    desk: &mut dyn Desk,
    shared: &Shared,
    revision: i64,
) -> Result<Arc<Knowledge>, Trouble> {
    if shared.knowledge.load().registry.revision != revision {
        let registry = Arc::new(desk.registry()?);
        shared
            .knowledge
            .rcu(|old| Knowledge { registry: Arc::clone(&registry), ..(**old).clone() });
    }
    Ok(shared.knowledge.load_full())
}
