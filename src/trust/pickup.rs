//! The pick-up token that is printed as a QR code and shown at the counter: it proves that its
//! bearer was given it.
//!
//! Nothing is stored: the token is computed again for its owner, and a new rotation makes the
//! earlier ones void (the caller compares rotations). Whether the prescription is still valid is
//! not its business. DESIGN §3 "Ids".
//!
//! 42 characters of base32 (upper case, the QR alphanumeric set) over
//! `prescription id (8, big-endian) | rotation (2) | first 16 bytes of HMAC-SM3`.

use data_encoding::BASE32_NOPAD;

use super::keys::Keys;
use super::sm3::{same, truncated};

/// Characters of a token.
pub const LENGTH: usize = 42;
const TAG: usize = 16;

impl Keys {
    /// The token of one rotation of a prescription's pick-up code.
    pub fn pickup_token(&self, prescription: i64, rotation: u16) -> String {
        let mut bytes = Vec::with_capacity(26);
        bytes.extend(prescription.to_be_bytes());
        bytes.extend(rotation.to_be_bytes());
        bytes.extend(self.pickup_tag(prescription, rotation));
        BASE32_NOPAD.encode(&bytes)
    }

    /// The prescription and rotation of a token that this gateway made; `None` for everything else.
    /// There is one spelling of each token: lower case, padding and blanks are refused.
    pub fn read_pickup_token(&self, token: &str) -> Option<(i64, u16)> {
        if token.len() != LENGTH {
            return None;
        }
        let bytes = BASE32_NOPAD.decode(token.as_bytes()).ok()?;
        let (id, rest) = bytes.split_first_chunk()?;
        let (rotation, tag) = rest.split_first_chunk()?;
        let (id, rotation) = (i64::from_be_bytes(*id), u16::from_be_bytes(*rotation));
        same(tag.try_into().ok()?, &self.pickup_tag(id, rotation)).then_some((id, rotation))
    }

    fn pickup_tag(&self, prescription: i64, rotation: u16) -> [u8; TAG] {
        let parts: [&[u8]; 2] = [&prescription.to_be_bytes(), &rotation.to_be_bytes()];
        truncated(&self.pickup.tag("pick-up token", &parts))
    }
}
