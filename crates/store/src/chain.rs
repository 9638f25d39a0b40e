//! The chain of events: what a digest is made of, and where a chain stands.
//!
//! `digest = H(prev ‖ fields ‖ body)`. `prev` is the digest before it in the lane, 32 zero bytes before the first. Each
//! field is written as its length in bytes (4 bytes, big endian) and its bytes, so that fields cannot run into each other;
//! numbers are big endian, 4 bytes for the lane and 8 for all else; a field that is absent has the length `0xFFFF_FFFF`.
//! The order is lane, seq, id, prescription_id, rx_seq, kind, actor_id, at_ms, rx_prev, body. The body is hashed as stored
//! and never written anew. Which hash it is, is said by whoever opens the store (SM3 in the gateway). Serves AUD-01.

/// A hash over the concatenation of parts.
pub type Digest = fn(&[&[u8]]) -> [u8; 32];

const ABSENT: u32 = u32::MAX;

/// Number and digest of the last event of a chain; zeros before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub digest: [u8; 32],
}

impl Head {
    /// A head as stored; a digest of another length is as good as none and will not verify.
    pub fn stored(seq: i64, digest: &[u8]) -> Head {
        Head { seq, digest: digest.try_into().unwrap_or_default() }
    }
    pub fn advance(&mut self, digest: [u8; 32]) {
        self.seq += 1;
        self.digest = digest;
    }
}

/// Everything of an event that its digest covers, but for the digest before it.
pub struct Chained<'a> {
    pub lane: i32,
    pub seq: i64,
    pub id: i64,
    pub prescription_id: Option<i64>,
    pub rx_seq: Option<i64>,
    pub kind: &'a str,
    pub actor_id: Option<i64>,
    pub at_ms: i64,
    pub rx_prev: Option<&'a [u8]>,
    pub body: &'a str,
}

impl Chained<'_> {
    pub fn digest(&self, prev: &[u8], hash: Digest) -> [u8; 32] {
        let mut fields = Vec::with_capacity(192);
        write(&mut fields, Some(&self.lane.to_be_bytes()));
        write(&mut fields, Some(&self.seq.to_be_bytes()));
        write(&mut fields, Some(&self.id.to_be_bytes()));
        write_number(&mut fields, self.prescription_id);
        write_number(&mut fields, self.rx_seq);
        write(&mut fields, Some(self.kind.as_bytes()));
        write_number(&mut fields, self.actor_id);
        write(&mut fields, Some(&self.at_ms.to_be_bytes()));
        write(&mut fields, self.rx_prev);
        write_length(&mut fields, self.body.len());
        hash(&[prev, &fields, self.body.as_bytes()])
    }
}

fn write_number(fields: &mut Vec<u8>, number: Option<i64>) {
    write(fields, number.map(i64::to_be_bytes).as_ref().map(|bytes| bytes.as_slice()));
}

fn write(fields: &mut Vec<u8>, field: Option<&[u8]>) {
    let Some(bytes) = field else { return fields.extend(ABSENT.to_be_bytes()) };
    write_length(fields, bytes.len());
    fields.extend(bytes);
}

fn write_length(fields: &mut Vec<u8>, length: usize) {
    // A field of 4 GiB cannot be stored in the first place.
    fields.extend(u32::try_from(length).unwrap_or(ABSENT).to_be_bytes());
}
