//! Keyed hashes for exact look-up and comparison: identity numbers, and the secrets of clients.
//!
//! Without the key a stored hash cannot be tried against a list of all possible identity numbers.
//! DESIGN §5 "Privacy".

use data_encoding::BASE64URL_NOPAD;

use super::keys::Keys;
use super::randomness::{NoRandomness, Randomness};
use super::sm3;

impl Keys {
    /// The look-up hash of an identity document: `kind` is its type code, `number` is taken without
    /// outer blanks and in upper case, so that a final `x` finds `X`.
    pub fn identity_index(&self, kind: &str, number: &str) -> [u8; sm3::DIGEST] {
        let number = number.trim().to_ascii_uppercase();
        self.index.tag("identity", &[kind.trim().as_bytes(), number.as_bytes()])
    }

    /// What is stored of a client secret: 64 hexadecimal characters. No slow password hash: these
    /// secrets are 256 random bits and cannot be guessed ([`new_secret`]).
    pub fn secret_hash(&self, secret: &str) -> String {
        sm3::to_text(&self.hashed(secret))
    }

    /// Whether `secret` has this stored hash, in constant time. A malformed hash matches nothing.
    pub fn verify_secret(&self, secret: &str, hash: &str) -> bool {
        sm3::from_text(hash).is_some_and(|stored| sm3::same(&stored, &self.hashed(secret)))
    }

    fn hashed(&self, secret: &str) -> [u8; sm3::DIGEST] {
        self.secrets.tag("client secret", &[secret.as_bytes()])
    }
}

/// A new client secret of 256 bits: 43 characters of base64url. Shown once, kept only as its hash.
pub fn new_secret(randomness: &Randomness) -> Result<String, NoRandomness> {
    Ok(BASE64URL_NOPAD.encode(&randomness.bytes::<32>()?))
}
