//! What others may rely on: digests, keys, sealed personal fields, look-up hashes, pick-up and
//! access tokens.
//!
//! Knows no store and no HTTP, and reads no clock: the time and the randomness are given to it.
//! DESIGN §5. Chinese commercial algorithms (SM3, SM4) wherever data is kept; Ed25519 for
//! short-lived tokens.

pub mod authorisation;
pub mod key_folder;
pub mod keys;
pub mod lookup;
pub mod pickup;
pub mod randomness;
pub mod sealed;
pub mod sm3;
pub mod token;
