//! Where random bytes come from: the system in production, a seed in tests and in the demo.
//!
//! Injected like the clock, so that a run can be repeated byte for byte.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sm3::hmac_sm3;

/// The system gave no random bytes: nothing may be sealed or issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

type Fill = dyn Fn(&mut [u8]) -> Result<(), NoRandomness> + Send + Sync;

/// A shared source of random bytes.
#[derive(Clone)]
pub struct Randomness(Arc<Fill>);

impl Randomness {
    /// OpenSSL's generator, seeded by the operating system.
    pub fn system() -> Randomness {
        Randomness(Arc::new(|bytes| openssl::rand::rand_bytes(bytes).map_err(|_| NoRandomness)))
    }

    /// The same bytes for the same seed and order of calls. For tests and the demo: nothing made
    /// from it is secret.
    pub fn seeded(seed: u64) -> Randomness {
        let drawn = AtomicU64::new(0);
        Randomness(Arc::new(move |bytes| {
            for chunk in bytes.chunks_mut(super::sm3::DIGEST) {
                let count = drawn.fetch_add(1, Ordering::Relaxed);
                let block = hmac_sm3(&seed.to_be_bytes(), &[&count.to_be_bytes()]);
                chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
            }
            Ok(())
        }))
    }

    /// Never gives any: to see what becomes of a caller then.
    pub fn failing() -> Randomness {
        Randomness(Arc::new(|_| Err(NoRandomness)))
    }

    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        (self.0)(bytes)
    }

    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Randomness")
    }
}
