//! The one-time authorisation that a pharmacy gets when it reads a patient's credential: good for one claim of one prescription
//! by that pharmacy, within five minutes.
//!
//! Nothing is stored: it names how often the prescription was claimed, so that the claim that it is used for makes it void. Whether
//! that number still holds is decided where the claim is. DESIGN §3 "At the counter", RX-16.
//!
//! 71 characters of base32 over `pharmacy (8) | prescription (8) | claims (4) | expires, ms (8) | first 16 bytes of HMAC-SM3`, all
//! numbers big-endian.

use data_encoding::BASE32_NOPAD;
use domain::moment::Moment;

use super::keys::Keys;
use super::sm3::{same, truncated};

const BODY: usize = 28;
const TAG: usize = 16;

/// What an authorisation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorisation {
    pub pharmacy: i64,
    pub prescription: i64,
    /// How often the prescription had been claimed when the credential was read.
    pub claims: i32,
    pub expires: Moment,
}

impl Authorisation {
    fn body(&self) -> [u8; BODY] {
        let mut body = [0; BODY];
        let parts = [
            self.pharmacy.to_be_bytes().as_slice(),
            self.prescription.to_be_bytes().as_slice(),
            self.claims.to_be_bytes().as_slice(),
            self.expires.millis().to_be_bytes().as_slice(),
        ]
        .concat();
        body.copy_from_slice(&parts);
        body
    }
}

impl Keys {
    pub fn authorisation(&self, of: &Authorisation) -> String {
        let body = of.body();
        let tag: [u8; TAG] = truncated(&self.pickup.tag("authorisation", &[&body]));
        BASE32_NOPAD.encode(&[body.as_slice(), &tag].concat())
    }

    /// What an authorisation says that this gateway made; `None` for everything else. Its end is not judged here.
    pub fn read_authorisation(&self, text: &str) -> Option<Authorisation> {
        let bytes = BASE32_NOPAD.decode(text.as_bytes()).ok()?;
        let (body, tag) = bytes.split_first_chunk::<BODY>()?;
        let (pharmacy, rest) = body.split_first_chunk()?;
        let (prescription, rest) = rest.split_first_chunk()?;
        let (claims, rest) = rest.split_first_chunk()?;
        let (expires, _) = rest.split_first_chunk()?;
        let expected: [u8; TAG] = truncated(&self.pickup.tag("authorisation", &[body]));
        same(tag.try_into().ok()?, &expected).then_some(Authorisation {
            pharmacy: i64::from_be_bytes(*pharmacy),
            prescription: i64::from_be_bytes(*prescription),
            claims: i32::from_be_bytes(*claims),
            expires: Moment::from_millis(i64::from_be_bytes(*expires)),
        })
    }
}
