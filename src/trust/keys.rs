//! The gateway's own secret keys, one per purpose, so that losing or changing one leaves the others
//! untouched.
//!
//! Knows what each key is for and not where it is kept (`key_folder`). Key bytes are wiped when
//! dropped and never printed.

use std::fmt;

use zeroize::Zeroizing;

use super::sm3::{DIGEST, hmac_sm3, hmac_sm3_of_list, truncated};

/// Bytes of a key.
pub const KEY: usize = 32;

/// 256 secret bits.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; KEY]>);

/// Names a key without revealing it: the first 4 bytes of HMAC-SM3 of a constant under it, written
/// as 8 hex characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl Key {
    pub fn new(bytes: [u8; KEY]) -> Key {
        Key(Zeroizing::new(bytes))
    }
    /// A key for one purpose, made from this one.
    pub(super) fn derived(&self, purpose: &str) -> Key {
        Key::new(hmac_sm3(&*self.0, &[b"rxgate key 1: ", purpose.as_bytes()]))
    }
    /// The keyed digest of a list of parts; `what` keeps one use of the key apart from every other.
    pub(super) fn tag(&self, what: &str, parts: &[&[u8]]) -> [u8; DIGEST] {
        let mut list = Vec::with_capacity(parts.len() + 1);
        list.push(what.as_bytes());
        list.extend_from_slice(parts);
        hmac_sm3_of_list(&*self.0, &list)
    }
    pub(super) fn bytes(&self) -> &[u8; KEY] {
        &self.0
    }
    pub fn id(&self) -> KeyId {
        KeyId(truncated(&hmac_sm3(&*self.0, &[b"rxgate key id"])))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id())
    }
}
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}
impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The key in use and those before it, which still open what they sealed.
#[derive(Clone, Debug)]
pub struct KeyRing {
    pub current: Key,
    pub retired: Vec<Key>,
}

impl KeyRing {
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.retired)
    }
}

impl From<Key> for KeyRing {
    fn from(current: Key) -> KeyRing {
        KeyRing { current, retired: Vec::new() }
    }
}

/// Every key of one gateway. Replicas share them.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Wraps the data key of each record. Rotated by re-wrapping.
    pub wrapping: KeyRing,
    /// Look-up hashes of identity numbers. Changes only by a re-index of every person.
    pub index: Key,
    /// Hashes of client secrets. Changing it makes every client secret void.
    pub secrets: Key,
    /// Pick-up tokens. Changing it makes every printed token void.
    pub pickup: Key,
    /// Ed25519 seeds of access tokens. Rotated by adding a new first one.
    pub token: KeyRing,
}

impl Keys {
    /// All keys derived from one master: for tests and the demo, where they need not survive one by
    /// one.
    pub fn from_master(master: &[u8; KEY]) -> Keys {
        let master = Key::new(*master);
        Keys {
            wrapping: master.derived("wrapping").into(),
            index: master.derived("index"),
            secrets: master.derived("secrets"),
            pickup: master.derived("pickup"),
            token: master.derived("token").into(),
        }
    }

    /// Every key, in the order of the fields.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        let single = [&self.index, &self.secrets, &self.pickup];
        self.wrapping.all().chain(single).chain(self.token.all())
    }
}
