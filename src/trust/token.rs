//! Access tokens: short-lived EdDSA (Ed25519) JSON web tokens that say who calls and in which role.
//! DESIGN §5 "Who".
//!
//! Signature, issuer, audience and the presence of claims are judged by `jsonwebtoken`; times are
//! judged here, against the given moment, because the library would read the system's clock. RFC
//! 7519, RFC 8725, RFC 9068 (`at+jwt`). Knows no session and no route.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use data_encoding::BASE64URL_NOPAD;
use domain::moment::{Moment, SECOND};
use domain::role::Role;
use ed25519_dalek::SigningKey;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::keys::{Key, KeyId, Keys};
use super::randomness::{NoRandomness, Randomness};
use super::sm3::{sm3, truncated};

/// How far two clocks may be apart, in milliseconds.
const LEEWAY_MS: i64 = 5 * SECOND;
/// Longer texts are not looked at: ours have about 450 characters.
const LONGEST: usize = 4096;
/// Tokens remembered as verified: about 1 KB each. Every institution of a city, and patients besides.
const MOST_REMEMBERED: usize = 16_384;
/// Says that this is an access token and no other signed document (RFC 9068 §2.1).
const TYPE: &str = "at+jwt";
/// What precedes the 32 bytes of a seed in the PKCS #8 form of an Ed25519 key (RFC 8410 §7).
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// What a token says. Times in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// Institution id, or prescription id for a patient.
    pub sub: String,
    pub role: Role,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    /// Unique per token: 128 random bits.
    pub jti: String,
}

/// What maker and reader agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTerms {
    pub issuer: String,
    pub audience: String,
    /// Seconds from issue to expiry.
    pub lifetime_s: i64,
}

/// Why a token is refused. For the log; the caller learns only that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error("not a token of this kind")]
    Malformed,
    #[error("signed with an algorithm other than EdDSA")]
    Algorithm,
    #[error("signed with a key that is not ours")]
    UnknownKey,
    #[error("the signature is wrong")]
    Signature,
    #[error("a claim is missing or of the wrong form")]
    Claims,
    #[error("issued by another")]
    Issuer,
    #[error("issued for another audience")]
    Audience,
    #[error("expired")]
    Expired,
    #[error("not yet valid")]
    NotYetValid,
}

/// No token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotIssue {
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("the token could not be signed")]
    Signing,
}

/// Issues tokens under the current key.
pub struct TokenMaker {
    header: Header,
    key: EncodingKey,
    terms: TokenTerms,
    randomness: Randomness,
}

impl TokenMaker {
    pub fn new(keys: &Keys, terms: TokenTerms, randomness: Randomness) -> TokenMaker {
        let seed = &keys.token.current;
        let header = Header {
            typ: Some(TYPE.into()),
            kid: Some(key_id(seed).to_string()),
            ..Header::new(Algorithm::EdDSA)
        };
        let pkcs8 = Zeroizing::new([PKCS8_HEAD.as_slice(), seed.bytes()].concat());
        TokenMaker { header, key: EncodingKey::from_ed_der(&pkcs8), terms, randomness }
    }

    /// A token for `subject` that holds from `now` for the agreed time.
    pub fn issue(&self, subject: &str, role: Role, now: Moment) -> Result<String, CannotIssue> {
        let at = now.millis().div_euclid(SECOND);
        let claims = Claims {
            iss: self.terms.issuer.clone(),
            aud: self.terms.audience.clone(),
            sub: subject.to_owned(),
            role,
            iat: at,
            nbf: at,
            exp: at.saturating_add(self.terms.lifetime_s),
            jti: BASE64URL_NOPAD.encode(&self.randomness.bytes::<16>()?),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key).map_err(|_| CannotIssue::Signing)
    }

    /// Seconds from issue to expiry: the `expires_in` of a token reply.
    pub fn lifetime_s(&self) -> i64 {
        self.terms.lifetime_s
    }
}

impl fmt::Debug for TokenMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenMaker({})", self.header.kid.as_deref().unwrap_or_default())
    }
}

/// Reads tokens made under the current or a retired key.
#[derive(Clone, Debug)]
pub struct TokenReader {
    keys: BTreeMap<String, DecodingKey>,
    validation: Validation,
    verified: Verified,
}

/// Tokens whose signature was found good, by their whole text, with what they say. A caller sends the same token for a
/// quarter of an hour, and verifying it costs more than all checks of a prescription. Keys never change while a reader
/// lives, and times are judged on every request, so that nothing remembered can outlive its token.
#[derive(Clone, Default)]
struct Verified(Arc<RwLock<HashMap<Box<str>, Claims>>>);

impl Verified {
    fn get(&self, token: &str) -> Option<Claims> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
    fn keep(&self, token: &str, claims: &Claims) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Expired ones are never looked for again. Those in use are verified once more, which is cheap for so seldom.
        if kept.len() >= MOST_REMEMBERED {
            kept.clear();
        }
        kept.insert(token.into(), claims.clone());
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verified(…)")
    }
}

impl TokenReader {
    pub fn new(keys: &Keys, terms: &TokenTerms) -> TokenReader {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&terms.issuer]);
        validation.set_audience(&[&terms.audience]);
        // Absent claims would otherwise pass, even issuer and audience.
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let public = |seed| (key_id(seed).to_string(), DecodingKey::from_ed_der(&public_key(seed)));
        let keys = keys.token.all().map(public).collect();
        TokenReader { keys, validation, verified: Verified::default() }
    }

    /// The claims of a token that is ours, meant for us and valid at `now`.
    pub fn read(&self, token: &str, now: Moment) -> Result<Claims, TokenRefusal> {
        if let Some(claims) = self.verified.get(token) {
            check_times(&claims, now)?;
            return Ok(claims);
        }
        let claims = self.verify(token)?;
        check_times(&claims, now)?;
        self.verified.keep(token, &claims);
        Ok(claims)
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenRefusal> {
        if token.len() > LONGEST {
            return Err(TokenRefusal::Malformed);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenRefusal::Malformed)?;
        if header.alg != Algorithm::EdDSA {
            return Err(TokenRefusal::Algorithm);
        }
        // An extension marked critical must be understood (RFC 7515 §4.1.11), and none is.
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(TokenRefusal::Malformed);
        }
        let key = header.kid.and_then(|kid| self.keys.get(&kid)).ok_or(TokenRefusal::UnknownKey)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation)
            .map_err(|fault| refusal(fault.kind()))?
            .claims;
        Ok(claims)
    }
}

fn check_times(claims: &Claims, now: Moment) -> Result<(), TokenRefusal> {
    let at = |seconds: i64| Moment::from_millis(seconds.saturating_mul(SECOND));
    if now >= at(claims.exp).plus(LEEWAY_MS) {
        return Err(TokenRefusal::Expired);
    }
    let starts = at(claims.nbf.max(claims.iat));
    if now.plus(LEEWAY_MS) < starts {
        return Err(TokenRefusal::NotYetValid);
    }
    Ok(())
}

fn refusal(kind: &ErrorKind) -> TokenRefusal {
    match kind {
        ErrorKind::InvalidSignature => TokenRefusal::Signature,
        ErrorKind::InvalidAlgorithm => TokenRefusal::Algorithm,
        ErrorKind::InvalidIssuer => TokenRefusal::Issuer,
        ErrorKind::InvalidAudience => TokenRefusal::Audience,
        // The claims do not fit `Claims`, or a required one is absent.
        ErrorKind::Json(_) | ErrorKind::MissingRequiredClaim(_) => TokenRefusal::Claims,
        _ => TokenRefusal::Malformed,
    }
}

fn public_key(seed: &Key) -> [u8; 32] {
    SigningKey::from_bytes(seed.bytes()).verifying_key().to_bytes()
}

/// The `kid`: made from the public key, so that a verifier elsewhere can compute it too.
fn key_id(seed: &Key) -> KeyId {
    KeyId(truncated(&sm3(&[&public_key(seed)])))
}
