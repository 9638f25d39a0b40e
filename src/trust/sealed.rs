//! Personal fields as they are stored: sealed with SM4-CTR (GB/T 32907) and HMAC-SM3,
//! encrypt-then-MAC. DESIGN §5 "Privacy".
//!
//! Every record has a data key of its own, stored beside it wrapped by the gateway's wrapping key.
//! Destroying the wrapped key destroys the record; rotation re-wraps it and leaves the fields
//! alone. A field opens only in the table, column and row for which it was sealed. Knows no table:
//! the caller names the place.
//!
//! Layout, version 1:
//!
//! ```text
//! field        01 | nonce 16 | SM4-CTR(plain) | tag 16              33 bytes more than plain
//! wrapped key  01 | wrapping key id 4 | nonce 16 | SM4-CTR(data key) | tag 16       85 bytes
//! data key     SM4 key 16 | HMAC-SM3 key 32
//! tag          first 16 bytes of HMAC-SM3 over a list, each part preceded by its length
//!              (8 bytes big-endian): "sealed", all before the nonce, table,
//!              row (8 bytes big-endian), column, nonce, ciphertext
//! ```
//!
//! The column of a wrapped key is empty. The nonce is the first counter block and counts up as one
//! big-endian number.

use std::fmt;

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

use super::keys::{KEY, Key, KeyId, Keys};
use super::randomness::{NoRandomness, Randomness};
use super::sm3::{same, truncated};

const VERSION: u8 = 1;
const SM4_KEY: usize = 16;
const NONCE: usize = 16;
const TAG: usize = 16;
const DATA_KEY: usize = SM4_KEY + KEY;
const KEY_ID: usize = 4;

/// It was altered, moved from its place, or sealed under a key that is not here. Deliberately one
/// answer for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed field does not open: it was altered or moved, or its key is not here")]
pub struct Tampered;

/// Nothing was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSeal {
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("the cipher library does not encrypt with SM4")]
    Cipher,
    /// Only when re-wrapping: the present wrapped key does not open.
    #[error(transparent)]
    Tampered(#[from] Tampered),
}

/// Where a sealed field belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub table: &'a str,
    pub row: i64,
    pub column: &'a str,
}

/// The sealed fields of one record, in the order given, and their data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRecord {
    pub wrapped_key: Vec<u8>,
    pub fields: Vec<Vec<u8>>,
}

/// Seals and opens personal fields. One per process, shared.
pub struct Sealer {
    /// Wraps and unwraps.
    current: (KeyId, Lock),
    /// Only unwrap.
    retired: Vec<(KeyId, Lock)>,
    /// Looked up once: a look-up by OpenSSL 3 costs as much as sealing a name.
    sm4: Cipher,
    randomness: Randomness,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.current.0)
    }
}

impl Sealer {
    /// Fails where the cipher library has no SM4: at the start, not at the first prescription.
    pub fn new(keys: &Keys, randomness: Randomness) -> Result<Sealer, CannotSeal> {
        Ok(Sealer {
            sm4: Cipher::fetch(None, "SM4-CTR", None).map_err(|_| CannotSeal::Cipher)?,
            current: wrapping_lock(&keys.wrapping.current),
            retired: keys.wrapping.retired.iter().map(wrapping_lock).collect(),
            randomness,
        })
    }

    /// Seals fields (column, plain bytes) of one row under a fresh data key.
    pub fn seal_record(
        &self,
        table: &str,
        row: i64,
        fields: &[(&str, &[u8])],
    ) -> Result<SealedRecord, CannotSeal> {
        // All that is random in one draw: a call costs more than its bytes.
        let mut drawn = Zeroizing::new(vec![0; DATA_KEY + NONCE * (fields.len() + 1)]);
        self.randomness.fill(&mut drawn)?;
        let (data_key, nonces) = drawn.split_first_chunk().ok_or(CannotSeal::Cipher)?;
        let (nonces, _) = nonces.as_chunks();
        let (wrapping_nonce, nonces) = nonces.split_first().ok_or(CannotSeal::Cipher)?;
        let lock = Lock::of_data_key(data_key);
        let seal = |((column, plain), nonce): (&(&str, &[u8]), &[u8; NONCE])| {
            lock.seal(&self.sm4, Place { table, row, column }, (&[VERSION], nonce), plain)
        };
        Ok(SealedRecord {
            wrapped_key: self.wrap_key(table, row, wrapping_nonce, data_key)?,
            fields: fields.iter().zip(nonces).map(seal).collect::<Result<_, _>>()?,
        })
    }

    /// The plain bytes of one field.
    pub fn open(
        &self,
        at: Place<'_>,
        wrapped_key: &[u8],
        field: &[u8],
    ) -> Result<Vec<u8>, Tampered> {
        let lock = Lock::of_data_key(&*self.unwrap_key(at.table, at.row, wrapped_key)?);
        lock.open(&self.sm4, at, 1, field)
    }

    /// Whether a wrapped key is under a retired wrapping key.
    pub fn needs_rewrap(&self, wrapped_key: &[u8]) -> bool {
        key_id(wrapped_key) != Some(self.current.0)
    }

    /// The same data key under the wrapping key in use. The fields of the record stay as they are.
    pub fn rewrap(&self, table: &str, row: i64, wrapped_key: &[u8]) -> Result<Vec<u8>, CannotSeal> {
        let data_key = self.unwrap_key(table, row, wrapped_key)?;
        self.wrap_key(table, row, &self.randomness.bytes()?, &data_key)
    }

    fn wrap_key(
        &self,
        table: &str,
        row: i64,
        nonce: &[u8; NONCE],
        data_key: &[u8; DATA_KEY],
    ) -> Result<Vec<u8>, CannotSeal> {
        let (id, lock) = &self.current;
        let mut head = vec![VERSION];
        head.extend(id.0);
        lock.seal(&self.sm4, Place { table, row, column: "" }, (&head, nonce), data_key)
    }

    fn unwrap_key(
        &self,
        table: &str,
        row: i64,
        wrapped_key: &[u8],
    ) -> Result<Zeroizing<[u8; DATA_KEY]>, Tampered> {
        let id = key_id(wrapped_key).ok_or(Tampered)?;
        let mut locks = std::iter::once(&self.current).chain(&self.retired);
        let (_, lock) = locks.find(|(known, _)| *known == id).ok_or(Tampered)?;
        let place = Place { table, row, column: "" };
        let data_key = Zeroizing::new(lock.open(&self.sm4, place, 1 + KEY_ID, wrapped_key)?);
        data_key.as_slice().try_into().map(Zeroizing::new).map_err(|_| Tampered)
    }
}

fn key_id(wrapped_key: &[u8]) -> Option<KeyId> {
    let (_version, rest) = wrapped_key.split_first()?;
    rest.first_chunk().copied().map(KeyId)
}

fn wrapping_lock(key: &Key) -> (KeyId, Lock) {
    let cipher = Zeroizing::new(truncated(key.derived("wrapping cipher").bytes()));
    (key.id(), Lock { cipher, mac: key.derived("wrapping tag") })
}

/// A pair of keys that seals: one encrypts, the other authenticates.
struct Lock {
    cipher: Zeroizing<[u8; SM4_KEY]>,
    mac: Key,
}

impl Lock {
    fn of_data_key(data_key: &[u8; DATA_KEY]) -> Lock {
        let (mut cipher, mut mac) = (Zeroizing::new([0; SM4_KEY]), Zeroizing::new([0; KEY]));
        let halves = cipher.iter_mut().chain(mac.iter_mut());
        halves.zip(data_key).for_each(|(to, from)| *to = *from);
        Lock { cipher, mac: Key::new(*mac) }
    }

    /// `head | nonce | ciphertext | tag`. The nonce must be new for this key.
    fn seal(
        &self,
        sm4: &Cipher,
        at: Place<'_>,
        (head, nonce): (&[u8], &[u8; NONCE]),
        plain: &[u8],
    ) -> Result<Vec<u8>, CannotSeal> {
        let hidden = self.counter_mode(sm4, nonce, plain).map_err(|_| CannotSeal::Cipher)?;
        let tag = self.tag(head, at, nonce, &hidden);
        Ok([head, nonce, &hidden, &tag].concat())
    }

    /// The plain bytes behind a head of `head_length` bytes. Nothing is decrypted before the tag is
    /// found right.
    fn open(
        &self,
        sm4: &Cipher,
        at: Place<'_>,
        head_length: usize,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Tampered> {
        let (sealed, tag) = sealed.split_last_chunk().ok_or(Tampered)?;
        let (head, rest) = sealed.split_at_checked(head_length).ok_or(Tampered)?;
        let (nonce, hidden) = rest.split_first_chunk().ok_or(Tampered)?;
        if head.first() != Some(&VERSION) || !same(tag, &self.tag(head, at, nonce, hidden)) {
            return Err(Tampered);
        }
        self.counter_mode(sm4, nonce, hidden).map_err(|_| Tampered)
    }

    /// Encrypts and decrypts: counter mode adds the same stream both ways.
    fn counter_mode(
        &self,
        sm4: &Cipher,
        nonce: &[u8; NONCE],
        input: &[u8],
    ) -> Result<Vec<u8>, ErrorStack> {
        let mut context = CipherCtx::new()?;
        context.encrypt_init(Some(sm4), Some(&*self.cipher), Some(nonce))?;
        let mut output = Vec::with_capacity(input.len());
        context.cipher_update_vec(input, &mut output)?;
        Ok(output)
    }

    fn tag(&self, head: &[u8], at: Place<'_>, nonce: &[u8; NONCE], hidden: &[u8]) -> [u8; TAG] {
        let row = at.row.to_be_bytes();
        let parts = [head, at.table.as_bytes(), &row, at.column.as_bytes(), nonce, hidden];
        truncated(&self.mac.tag("sealed", &parts))
    }
}
