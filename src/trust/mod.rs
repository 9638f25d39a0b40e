//! What others may rely on: digests, signatures, keys, sealed personal fields, look-up hashes, pick-up
//! and access tokens.
//!
//! Knows no store and no HTTP, and reads no clock: the time and the randomness are given to it.
//! DESIGN §5. Chinese commercial algorithms (SM2, SM3, SM4) wherever data is kept; Ed25519 for
//! short-lived tokens.

pub mod authorisation;
pub mod cases;
pub mod envelope;
pub mod key_folder;
pub mod key_tables;
pub mod keys;
pub mod lookup;
pub mod pickup;
pub mod randomness;
pub mod sealed;
pub mod self_test;
pub mod sign;
pub mod signature;
pub mod sm3;
pub mod sm4;
pub mod token;
pub mod verify;
