//! Our own verifier (`crates/sm2`) with a table kept for every key that signed lately.
//!
//! A key costs 1 KiB. Those that sign most get a second table of 48 KiB, with which a verification takes half of the time.
//! What is kept never grows beyond a number of bytes: the key that has not signed for longest goes first.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::sm2::KeyTable;

use super::signature::{Digest, PublicKey, Signature};
use super::verify::Verify;

/// Signatures of one key after which a large table is considered: it is made in the time of about forty verifications.
const PROMOTED_AFTER: u32 = 64;
/// What a key takes beside its table: itself, three times, in maps that are not full.
const OVERHEAD: usize = 512;
const SMALL: usize = KeyTable::SMALL + OVERHEAD;
const LARGE: usize = KeyTable::LARGE;

/// The tables of the keys in use. One per process, shared by its threads.
pub struct KeyTables {
    kept: Mutex<Kept>,
    /// Bytes of all that is kept; large tables take at most half.
    most: usize,
}

type KeyBytes = [u8; 65];

#[derive(Default)]
struct Kept {
    keys: HashMap<KeyBytes, Entry>,
    /// By last use, the longest ago first: all keys, and those with a large table.
    by_use: BTreeMap<u64, KeyBytes>,
    large_by_use: BTreeMap<u64, KeyBytes>,
    /// Counts verifications; the only clock here.
    now: u64,
}

struct Entry {
    small: Arc<KeyTable>,
    large: Option<Arc<KeyTable>>,
    used_at: u64,
    /// Uses since `counted_from`, for keys without a large table.
    uses: u32,
    counted_from: u64,
}

/// What is there for a key, and whether it has become one of those that sign most.
struct Found {
    table: Arc<KeyTable>,
    deserves_large: bool,
}

impl KeyTables {
    /// Keeps at most `most` bytes. 64 MiB hold 20,000 keys and 600 large tables. Below a few kilobytes every signature makes
    /// its table anew, correctly and slowly.
    pub fn new(most: usize) -> KeyTables {
        ::sm2::prepare();
        KeyTables { kept: Mutex::default(), most }
    }

    /// Keys that have a table, and those of them that have a large one.
    pub fn kept(&self) -> (usize, usize) {
        let kept = self.lock();
        (kept.keys.len(), kept.large_by_use.len())
    }

    /// Whether a key has a large table now.
    pub fn has_large(&self, key: &PublicKey) -> bool {
        self.lock().keys.get(key.bytes()).is_some_and(|entry| entry.large.is_some())
    }

    /// Bytes of what is kept.
    pub fn bytes(&self) -> usize {
        self.lock().bytes()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The best table for a key. Tables are made outside of the lock; of two threads that make the same one, one is dropped.
    fn table(&self, key: &PublicKey) -> Arc<KeyTable> {
        let found = self.lock().find(key.bytes(), self.most / 2);
        match found {
            None => {
                let small = Arc::new(KeyTable::small(key.point()));
                self.lock().insert(key.bytes(), Arc::clone(&small), self.most);
                small
            }
            Some(Found { deserves_large: true, .. }) => {
                let large = Arc::new(KeyTable::large(key.point()));
                self.lock().promote(key.bytes(), Arc::clone(&large), self.most);
                large
            }
            Some(Found { table, .. }) => table,
        }
    }
}

impl Verify for KeyTables {
    fn name(&self) -> &'static str {
        "rxgate"
    }
    fn verifies(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> bool {
        self.table(key).verifies(&digest.0, signature.raw())
    }
}

impl fmt::Debug for KeyTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (keys, large) = self.kept();
        write!(f, "KeyTables({keys} keys, {large} large)")
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        self.keys.len() * SMALL + self.large_by_use.len() * LARGE
    }

    /// The table of a key, which counts as a use.
    fn find(&mut self, key: &KeyBytes, most_large: usize) -> Option<Found> {
        self.now += 1;
        let now = self.now;
        let coldest = self.large_by_use.first_key_value().map(|(used_at, _)| *used_at);
        let room = (self.large_by_use.len() + 1) * LARGE <= most_large;
        let entry = self.keys.get_mut(key)?;
        self.by_use.remove(&entry.used_at);
        self.by_use.insert(now, *key);
        let before = std::mem::replace(&mut entry.used_at, now);
        if let Some(large) = &entry.large {
            self.large_by_use.remove(&before);
            self.large_by_use.insert(now, *key);
            return Some(Found { table: Arc::clone(large), deserves_large: false });
        }
        entry.uses += 1;
        let often = entry.uses >= PROMOTED_AFTER;
        // Where all large tables are given out: hotter than one that was not used once while this key was used so often.
        let hotter = coldest.is_some_and(|used_at| used_at < entry.counted_from);
        if often {
            (entry.uses, entry.counted_from) = (0, now);
        }
        Some(Found { table: Arc::clone(&entry.small), deserves_large: often && (room || hotter) })
    }

    fn insert(&mut self, key: &KeyBytes, small: Arc<KeyTable>, most: usize) {
        if SMALL > most || self.keys.contains_key(key) {
            return;
        }
        while self.bytes() + SMALL > most {
            self.forget_oldest();
        }
        // Another thread may have looked meanwhile: a moment belongs to one key.
        self.now += 1;
        let now = self.now;
        let entry = Entry { small, large: None, used_at: now, uses: 1, counted_from: now };
        self.keys.insert(*key, entry);
        self.by_use.insert(now, *key);
    }

    fn promote(&mut self, key: &KeyBytes, large: Arc<KeyTable>, most: usize) {
        while (self.large_by_use.len() + 1) * LARGE > most / 2 && self.demote_oldest() {}
        while self.bytes() + LARGE > most && self.keys.len() > 1 {
            self.forget_oldest();
        }
        if let Some(entry) = self.keys.get_mut(key)
            && entry.large.is_none()
        {
            entry.large = Some(large);
            self.large_by_use.insert(entry.used_at, *key);
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((used_at, key)) = self.by_use.pop_first() {
            self.keys.remove(&key);
            self.large_by_use.remove(&used_at);
        }
    }

    /// Takes the large table from the key that has not signed for longest. False if there is none.
    fn demote_oldest(&mut self) -> bool {
        let Some((_, key)) = self.large_by_use.pop_first() else { return false };
        if let Some(entry) = self.keys.get_mut(&key) {
            (entry.large, entry.uses, entry.counted_from) = (None, 0, self.now);
        }
        true
    }
}
