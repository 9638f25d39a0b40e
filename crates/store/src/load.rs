//! From the keys of a batch to the world that it is decided on: a few statements, locks in one order.
//!
//! Person → prescription → box → accumulator, each by rising key. A person is locked by whoever reads their totals; the
//! number of a new prescription is guarded by its constraint instead.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;
use domain::circulation::Circulation;
use domain::dispensing::{Dispensing, DrugBox};
use domain::id::{Id, IdMaker};
use domain::moment::Moment;
use domain::prescription::{Person, PrescriptionId, TraceCode};
use domain::register::Entry;
use domain::world::{Keys, Newcomer, World};

use crate::chain::Head;
use crate::engine::Desk;
use crate::memory::Memory;
use crate::rows::prescription::{PersonRow, prescriptions};

/// The world of a batch, and what the store alone knows of it.
#[derive(Debug, Default)]
pub struct Loaded {
    pub world: World,
    /// Where each prescription's own chain stands.
    pub heads: BTreeMap<PrescriptionId, Head>,
    /// Boxes that have a row, which is locked.
    pub known_boxes: BTreeSet<TraceCode>,
}

/// Loads and locks everything that the keys name.
pub fn load(
    desk: &mut dyn Desk,
    keys: &[Keys],
    memory: &Memory,
    now: Moment,
    ids: &mut IdMaker,
) -> QueryResult<Loaded> {
    let mut loaded = Loaded::default();
    people(desk, keys, now, ids, &mut loaded.world)?;
    let owners = owners(desk, keys)?;
    registering(desk, keys, &owners, &loaded.world)?;
    numbers(desk, keys, &mut loaded.world)?;
    circulating(desk, keys, memory, &mut loaded)?;
    registers(desk, keys, &owners, &mut loaded.world)?;
    settlements(desk, keys, &mut loaded.world)?;
    boxes(desk, keys, &mut loaded)?;
    usages(desk, keys, &mut loaded.world)?;
    Ok(loaded)
}

fn people(
    desk: &mut dyn Desk,
    keys: &[Keys],
    now: Moment,
    ids: &mut IdMaker,
    world: &mut World,
) -> QueryResult<()> {
    let named = keys.iter().filter_map(|one| one.newcomer.as_ref());
    let newcomers: BTreeMap<&[u8], &Newcomer> =
        named.map(|one| (&*one.identity_hash, one)).collect();
    let hashes: Vec<&[u8]> = newcomers.keys().copied().collect();
    know_people(desk, &hashes, world)?;
    let unknown = |hash: &&&[u8]| !world.people.contains_key(**hash);
    let missing: Vec<&[u8]> = hashes.iter().filter(unknown).copied().collect();
    let new = |hash: &&[u8]| {
        let newcomer = newcomers.get(hash)?;
        Some(PersonRow::new(ids.make::<Person>().raw(), newcomer, now))
    };
    let rows: Vec<PersonRow> = missing.iter().filter_map(new).collect();
    if rows.is_empty() {
        return Ok(());
    }
    if desk.make_people(&rows)? < rows.len() {
        // Another writer made some of them meanwhile.
        return know_people(desk, &missing, world);
    }
    let made = rows.into_iter().map(|row| (row.identity_hash.into_boxed_slice(), Id::new(row.id)));
    world.people.extend(made);
    Ok(())
}

fn know_people(desk: &mut dyn Desk, hashes: &[&[u8]], world: &mut World) -> QueryResult<()> {
    if !hashes.is_empty() {
        let known = desk.people(hashes)?.into_iter();
        world
            .people
            .extend(known.map(|row| (row.identity_hash.into_boxed_slice(), Id::new(row.id))));
    }
    Ok(())
}

fn numbers(desk: &mut dyn Desk, keys: &[Keys], world: &mut World) -> QueryResult<()> {
    let wanted = keys.iter().filter_map(|one| one.number.as_ref());
    let wanted: BTreeSet<(i64, &str)> =
        wanted.map(|(hospital, no)| (hospital.raw(), &**no)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let wanted: Vec<(i64, &str)> = wanted.into_iter().collect();
    let taken = desk.numbers(&wanted)?.into_iter();
    let taken = taken.map(|row| {
        ((Id::new(row.institution_id), row.hosp_rxno.into_boxed_str()), Id::new(row.id))
    });
    world.numbers.extend(taken);
    Ok(())
}

fn circulating(
    desk: &mut dyn Desk,
    keys: &[Keys],
    memory: &Memory,
    loaded: &mut Loaded,
) -> QueryResult<()> {
    let ids = Keys::prescriptions(keys);
    if ids.is_empty() {
        return Ok(());
    }
    let world = &mut loaded.world;
    let met = ids.iter().filter_map(|id| Some((*id, memory.recall(*id)?)));
    world.prescriptions = met.collect();
    let unmet = ids.iter().filter(|id| !world.prescriptions.contains_key(*id));
    let unmet: Vec<i64> = unmet.map(|id| id.raw()).collect();
    if !unmet.is_empty() {
        let (rows, lines) = desk.prescription_rows(&unmet)?;
        let read = prescriptions(rows, lines)?.into_iter().map(|one| (one.id, one));
        world.prescriptions.extend(read);
    }
    let ids: Vec<i64> = ids.into_iter().map(Id::raw).collect();
    let counted: Vec<i64> = counted(keys, world).into_iter().collect();
    if !counted.is_empty() {
        desk.lock_people(&counted)?;
    }
    for row in desk.lock_circulations(&ids)? {
        let head = row.head();
        let circulation: Circulation = row.try_into()?;
        loaded.heads.insert(circulation.prescription_id, head);
        world.circulations.insert(circulation.prescription_id, circulation);
    }
    for row in desk.dispensing_rows(&ids)? {
        let dispensing: Dispensing = row.try_into()?;
        world.dispensings.insert(dispensing.id, dispensing);
    }
    Ok(())
}

/// The persons of entries that are named.
fn owners(desk: &mut dyn Desk, keys: &[Keys]) -> QueryResult<BTreeSet<i64>> {
    let named: Vec<i64> = keys.iter().filter_map(|one| one.entry).map(Id::raw).collect();
    if named.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(desk.people_of(&named)?.into_iter().collect())
}

/// Locks the persons whose registers are changed, before any prescription: two writers never enter what overlaps.
fn registering(
    desk: &mut dyn Desk,
    keys: &[Keys],
    owners: &BTreeSet<i64>,
    world: &World,
) -> QueryResult<()> {
    let newcomers = keys.iter().filter(|one| one.alone).filter_map(|one| one.newcomer.as_ref());
    let known = newcomers.filter_map(|one| world.people.get(&one.identity_hash)).map(|id| id.raw());
    let people: BTreeSet<i64> = known.chain(owners.iter().copied()).collect();
    if people.is_empty() {
        return Ok(());
    }
    desk.lock_people(&people.into_iter().collect::<Vec<_>>())
}

/// The registers of all persons whose registers are asked for.
fn registers(
    desk: &mut dyn Desk,
    keys: &[Keys],
    owners: &BTreeSet<i64>,
    world: &mut World,
) -> QueryResult<()> {
    let asking = keys.iter().filter(|one| one.registers);
    let person = |one: &Keys| match (&one.newcomer, one.prescription) {
        (Some(newcomer), _) => world.people.get(&newcomer.identity_hash).copied(),
        (None, Some(id)) => world.prescriptions.get(&id).map(|one| one.person_id),
        (None, None) => None,
    };
    let asked = asking.filter_map(person).map(Id::raw);
    let people: BTreeSet<i64> = asked.chain(owners.iter().copied()).collect();
    if people.is_empty() {
        return Ok(());
    }
    let people: Vec<i64> = people.into_iter().collect();
    for row in desk.entry_rows(&people)? {
        let entry: Entry = row.try_into()?;
        world.entries.entry(entry.person_id).or_default().push(entry);
    }
    Ok(())
}

fn settlements(desk: &mut dyn Desk, keys: &[Keys], world: &mut World) -> QueryResult<()> {
    let asking = keys.iter().filter(|one| one.settlements);
    let ids: Vec<i64> = asking.filter_map(|one| one.prescription).map(Id::raw).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let (rows, mut booked) = desk.standing_settlements(&ids)?;
    for row in rows {
        let own = booked.extract_if(.., |one| one.settlement_id == row.id).collect();
        let settlement = row.with_postings(own)?;
        world.settlements.insert(settlement.dispensing_id, settlement);
    }
    Ok(())
}

/// The boxes that are scanned, those of dispensings that are still prepared, and those that may come back with a settlement.
fn boxes(desk: &mut dyn Desk, keys: &[Keys], loaded: &mut Loaded) -> QueryResult<()> {
    let back: BTreeSet<PrescriptionId> =
        keys.iter().filter(|one| one.settlements).filter_map(|one| one.prescription).collect();
    let packed = |one: &&Dispensing| one.is_prepared() || back.contains(&one.prescription_id);
    let packed = loaded.world.dispensings.values().filter(packed);
    let scanned = keys.iter().flat_map(|one| &one.boxes);
    let codes: BTreeSet<&str> =
        packed.flat_map(Dispensing::trace_codes).chain(scanned).map(TraceCode::as_str).collect();
    if codes.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = codes.into_iter().collect();
    let mut known = BTreeMap::new();
    for row in desk.lock_boxes(&codes)? {
        let one: DrugBox = row.try_into()?;
        known.insert(one.trace_code.clone(), one);
    }
    loaded.known_boxes = known.keys().cloned().collect();
    loaded.world.boxes = known;
    Ok(())
}

/// Year totals of the persons that are counted. Their person is locked: nobody else makes or changes a row meanwhile.
fn usages(desk: &mut dyn Desk, keys: &[Keys], world: &mut World) -> QueryResult<()> {
    let people: Vec<i64> = counted(keys, world).into_iter().collect();
    if people.is_empty() {
        return Ok(());
    }
    for row in desk.lock_usages(&people)? {
        let (key, usage) = row.try_into()?;
        world.usages.insert(key, usage);
    }
    Ok(())
}

/// Whose year totals are asked for.
fn counted(keys: &[Keys], world: &World) -> BTreeSet<i64> {
    let asking = keys.iter().filter(|one| one.alone);
    let person = |one: &Keys| Some(world.prescriptions.get(&one.prescription?)?.person_id.raw());
    asking.filter_map(person).collect()
}
