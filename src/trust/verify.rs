//! Verifying SM2 signatures, behind one trait, so that no implementation has to be believed alone: ours (`key_tables`),
//! OpenSSL's and RustCrypto's.
//!
//! All judge a digest that was made here, by the same bytes. Everything but a clear yes is a no: an error inside a library is
//! the signer's trouble, never ours.

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::pkey_ctx::PkeyCtx;
use rustcrypto_sm2::dsa::signature::hazmat::PrehashVerifier;
use rustcrypto_sm2::dsa::{Signature as RustCryptoSignature, VerifyingKey};

use super::signature::{Digest, PublicKey, Signature};

/// What verifies SM2 signatures.
pub trait Verify: Send + Sync {
    /// Who says so: for reports.
    fn name(&self) -> &'static str;
    /// Whether `signature` is that of `key` over `digest`.
    fn verifies(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> bool;
}

/// OpenSSL's implementation.
#[derive(Clone, Copy, Debug)]
pub struct OpenSsl;

impl Verify for OpenSsl {
    fn name(&self) -> &'static str {
        "OpenSSL"
    }
    fn verifies(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> bool {
        OpenSslKey::new(key).is_ok_and(|key| key.verifies(digest, signature))
    }
}

/// What stands before `04 ‖ x ‖ y` in the DER form of an SM2 public key (RFC 5480 with the curve's number 1.2.156.10197.1.301).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];

/// A public key as OpenSSL keeps it.
#[derive(Debug)]
pub struct OpenSslKey(PKey<Public>);

impl OpenSslKey {
    pub fn new(key: &PublicKey) -> Result<OpenSslKey, ErrorStack> {
        let spki = [SPKI_HEAD.as_slice(), key.bytes()].concat();
        PKey::public_key_from_der(&spki).map(OpenSslKey)
    }

    pub fn verifies(&self, digest: &Digest, signature: &Signature) -> bool {
        let judge = || {
            let mut context = PkeyCtx::new(&self.0)?;
            context.verify_init()?;
            context.verify(&digest.0, &signature.to_der())
        };
        // A wrong signature is `Ok(false)` or an error, depending on OpenSSL's version.
        matches!(judge(), Ok(true))
    }
}

/// RustCrypto's implementation, in constant time, which nobody needs here.
#[derive(Clone, Copy, Debug)]
pub struct RustCrypto;

impl Verify for RustCrypto {
    fn name(&self) -> &'static str {
        "RustCrypto"
    }
    fn verifies(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> bool {
        RustCryptoKey::new(key).is_some_and(|key| key.verifies(digest, signature))
    }
}

/// A public key as RustCrypto keeps it.
#[derive(Clone, Debug)]
pub struct RustCryptoKey(VerifyingKey);

impl RustCryptoKey {
    pub fn new(key: &PublicKey) -> Option<RustCryptoKey> {
        // The id would go into a digest that this key is never asked to make.
        VerifyingKey::from_sec1_bytes("", key.bytes()).ok().map(RustCryptoKey)
    }

    pub fn verifies(&self, digest: &Digest, signature: &Signature) -> bool {
        RustCryptoSignature::from_slice(signature.raw())
            .is_ok_and(|signature| self.0.verify_prehash(&digest.0, &signature).is_ok())
    }
}
