//! SM3 (GB/T 32905-2016) and HMAC-SM3 (GB/T 15852.2): digests that cannot fail, and their text.
//!
//! Knows nothing of what is digested. Pure Rust, because OpenSSL's form can fail on every call and
//! is no faster.

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use hmac::Hmac;
use hmac::digest::{Digest, KeyInit, Update};
use zeroize::Zeroizing;

/// Bytes of a digest.
pub const DIGEST: usize = 32;
/// Bytes of an SM3 block, to which HMAC pads its key.
const BLOCK: usize = 64;

/// SM3 of the parts written one after the other. Parts are *not* delimited: `["ab", "c"]` is
/// `["abc"]`.
pub fn sm3(parts: &[&[u8]]) -> [u8; DIGEST] {
    let mut state = ::sm3::Sm3::new();
    parts.iter().for_each(|part| Update::update(&mut state, part));
    state.finalize().into()
}

/// HMAC-SM3 of the parts written one after the other, not delimited. Any key length.
pub fn hmac_sm3(key: &[u8], parts: &[&[u8]]) -> [u8; DIGEST] {
    let mut state = keyed(key);
    parts.iter().for_each(|part| state.update(part));
    hmac::Mac::finalize(state).into_bytes().into()
}

/// HMAC-SM3 of a list: every part is preceded by its length (8 bytes, big-endian), so that two
/// different lists never feed the same bytes.
pub fn hmac_sm3_of_list(key: &[u8], parts: &[&[u8]]) -> [u8; DIGEST] {
    let mut state = keyed(key);
    for part in parts {
        state.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        state.update(part);
    }
    hmac::Mac::finalize(state).into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<::sm3::Sm3> {
    // RFC 2104: a key longer than a block is digested first, a shorter one is padded with zeros.
    let digest = Zeroizing::new(if key.len() > BLOCK { sm3(&[key]) } else { [0; DIGEST] });
    let key = if key.len() > BLOCK { digest.as_slice() } else { key };
    let mut block = Zeroizing::new([0; BLOCK]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    KeyInit::new((&*block).into())
}

/// The first `N` bytes of a digest, `N` at most [`DIGEST`].
pub fn truncated<const N: usize>(digest: &[u8; DIGEST]) -> [u8; N] {
    const { assert!(N <= DIGEST) };
    let mut short = [0; N];
    short.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    short
}

/// Whether two tags are equal, in a time that does not tell where they differ.
pub fn same<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    openssl::memcmp::eq(one, other)
}

/// A digest as 64 lower-case hexadecimal characters.
pub fn to_text(digest: &[u8; DIGEST]) -> String {
    HEX.encode(digest)
}

/// The digest written as 64 hexadecimal characters of either case; `None` for anything else.
pub fn from_text(text: &str) -> Option<[u8; DIGEST]> {
    HEX.decode(text.as_bytes()).ok()?.try_into().ok()
}
