//! SM2 signatures (GB/T 32918.2-2016): verified, never made.
//!
//! **Variable time on purpose.** Key, digest and signature are public; how long a verification takes tells nobody
//! anything. Never give a secret to this crate: there is no signing in it, and none may be added.
//!
//! Why it exists: a prescription carries a doctor's signature, and verifying was the dearest step of accepting it. What makes
//! this one fast is a table per key, made once and used for every signature of that key ([`table`]), and a final
//! comparison without an inversion ([`KeyTable::verifies`]). Everything is safe Rust without a dependency, to be read from
//! bottom to top:
//!
//! | file | what it adds |
//! |---|---|
//! | `limbs` | whole numbers of 256 bits |
//! | `field` | arithmetic modulo p, where the coordinates live |
//! | `scalar` | arithmetic modulo n, where r and s live |
//! | `point` | the curve |
//! | `table` | many multiples of one point, and how few of them make any multiple |
//! | `key` | public keys from their encodings |
//! | `verify` | the verification |
//!
//! It knows no message and no digest function: `e = SM3(Z ‖ M)` is the caller's.

mod field;
mod key;
mod limbs;
mod point;
mod scalar;
mod table;
mod verify;

pub use key::{NotAKey, PublicKey};
pub use point::parameters;
pub use verify::{KeyTable, prepare};
