//! The envelope of the e-prescription-centre convention: how its contents are encrypted and which text is signed.
//!
//! Facts: the convention as hospital systems implement it. The SM4 key comes from the partner's application id and secret;
//! `encData` is SM4-ECB of the contents; `signData` is an SM2 signature of a canonical text that ends with the secret. Two
//! forms of that text are in use ([`Signed`]); which one a partner uses is a setting, never a guess. Pure: knows no HTTP, no partner, no clock.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXUPPER, HEXUPPER_PERMISSIVE};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::sign::{CannotSign, SigningKey};
use super::signature::{PublicKey, Signature};
use super::sm4::{BLOCK, CannotEncrypt, DoesNotOpen, Mode, Padding, Sm4};
use super::verify::Verify;

/// Members at the top of an envelope that are not signed, or not as they stand there.
const UNSIGNED: [&str; 4] = ["signData", "encData", "extra", "data"];
/// Objects and arrays within each other. The convention has three.
const DEEPEST: usize = 32;

/// The members of an envelope as they were received, numbers with all their digits.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// What of the contents is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// The contents in canonical JSON: the convention's way.
    Contents,
    /// The text of `encData`, as one vendor's client does.
    Hidden,
}

/// The envelope or its contents are no JSON that has a canonical form: not an object, or too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text to be signed cannot be made: not a JSON object, or nested too deeply")]
pub struct NotCanonical;

/// The envelope is not what this partner sealed and signed. Deliberately one answer for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the envelope was not sealed and signed with this partner's keys")]
pub struct NotTheirs;

/// What one partner and the centre share.
pub struct Credentials {
    app_id: String,
    app_secret: Zeroizing<String>,
    key: Zeroizing<[u8; BLOCK]>,
}

/// No key can be made from these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCredentials {
    #[error("the application id must begin with 16 ASCII characters: they are an SM4 key")]
    AppId,
    #[error("the application secret is empty")]
    AppSecret,
    #[error(transparent)]
    Cipher(#[from] CannotEncrypt),
}

impl Credentials {
    /// The SM4 key of a partner: the secret is encrypted under the first 16 characters of the id (ECB, PKCS #7), and the first
    /// 16 characters of that in upper-case hex are the bytes of the key.
    pub fn new(sm4: &Sm4, app_id: &str, app_secret: &str) -> Result<Credentials, NoCredentials> {
        let first = app_id.as_bytes().first_chunk::<BLOCK>();
        let first = first.filter(|first| first.is_ascii()).ok_or(NoCredentials::AppId)?;
        if app_secret.is_empty() {
            return Err(NoCredentials::AppSecret);
        }
        let hidden = sm4.encrypt(first, Mode::Ecb, Padding::Pkcs7, app_secret.as_bytes())?;
        let text = Zeroizing::new(HEXUPPER.encode(&hidden));
        let key = text.as_bytes().first_chunk::<BLOCK>().ok_or(NoCredentials::AppSecret)?;
        Ok(Credentials {
            app_id: app_id.to_owned(),
            app_secret: Zeroizing::new(app_secret.to_owned()),
            key: Zeroizing::new(*key),
        })
    }

    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// `encData` of a text: upper-case hex.
    pub fn seal(&self, sm4: &Sm4, text: &str) -> Result<String, CannotEncrypt> {
        let hidden = sm4.encrypt(&self.key, Mode::Ecb, Padding::Pkcs7, text.as_bytes())?;
        Ok(HEXUPPER.encode(&hidden))
    }

    /// The text of an `encData`, hex of either case. One answer for whatever is wrong with it.
    pub fn open(&self, sm4: &Sm4, enc_data: &str) -> Result<String, DoesNotOpen> {
        let hidden = HEXUPPER_PERMISSIVE.decode(enc_data.as_bytes()).map_err(|_| DoesNotOpen)?;
        let plain = sm4.decrypt(&self.key, Mode::Ecb, Padding::Pkcs7, &hidden)?;
        String::from_utf8(plain).map_err(|_| DoesNotOpen)
    }

    /// The contents of an envelope that this partner's key signed. Nothing is decrypted before the signature is right, unless the
    /// contents are what is signed; the answer is the same then, so that nobody learns whether the padding was.
    pub fn open_signed(
        &self,
        sm4: &Sm4,
        envelope: &Members,
        signed: Signed,
        (verifier, key): (&dyn Verify, &PublicKey),
    ) -> Result<String, NotTheirs> {
        let text_of = |name| envelope.get(name).and_then(|value| text(value)).ok_or(NotTheirs);
        let sign_data = BASE64.decode(text_of("signData")?.as_bytes()).map_err(|_| NotTheirs)?;
        let signature = Signature::parse(&sign_data).map_err(|_| NotTheirs)?;
        let enc_data = text_of("encData")?;
        let is_signed = |data: &str| {
            let text = self.signed_text(envelope, signed, data).map_err(|_| NotTheirs)?;
            let right = verifier.verifies(key, &key.digest(text.as_bytes()), &signature);
            right.then_some(()).ok_or(NotTheirs)
        };
        if signed == Signed::Hidden {
            is_signed(&enc_data)?;
        }
        let contents = self.open(sm4, &enc_data).map_err(|_| NotTheirs)?;
        if signed == Signed::Contents {
            is_signed(&contents)?;
        }
        Ok(contents)
    }

    /// `signData` of an envelope: Base64 of r ‖ s. `data` is the contents or, where that is signed, `encData`.
    pub fn sign(
        &self,
        envelope: &Members,
        signed: Signed,
        data: &str,
        key: &SigningKey,
    ) -> Result<String, CannotSignEnvelope> {
        let text = self.signed_text(envelope, signed, data)?;
        let signature = key.sign(&key.public_key().digest(text.as_bytes()))?;
        Ok(BASE64.encode(signature.raw()))
    }

    /// The text that is signed: members by name as `name=value`, joined by `&`, and `&key=` with the secret at the end.
    /// Null and empty members are left out.
    pub fn signed_text(
        &self,
        envelope: &Members,
        signed: Signed,
        data: &str,
    ) -> Result<Zeroizing<String>, NotCanonical> {
        let mut pairs = BTreeMap::new();
        for (name, value) in envelope.iter().filter(|(name, _)| !UNSIGNED.contains(&name.as_str()))
        {
            if let Some(written) = canonical(value, 0)? {
                // Outside of the contents a text stands without quotation marks, and a number as it came.
                pairs.insert(name.as_str(), text(value).unwrap_or(written));
            }
        }
        let data = match signed {
            Signed::Hidden => data.to_owned(),
            Signed::Contents => canonical_object(data, 0)?,
        };
        pairs.insert("data", data);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(Zeroizing::new(format!("{}&key={}", pairs.join("&"), *self.app_secret)))
    }
}

/// Why an envelope was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSignEnvelope {
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    #[error(transparent)]
    CannotSign(#[from] CannotSign),
}

/// A text, a number or a truth value without quotation marks; `None` for null, arrays and objects.
fn text(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok(),
        b'n' | b'[' | b'{' => None,
        _ => Some(value.get().to_owned()),
    }
}

/// A value in the one spelling that is signed: members in ascending order, no blanks, numbers (with the digits that came) and
/// truth values as texts; null, the empty text and the empty array do not exist (`None`). An object stays, even an empty one.
fn canonical(value: &RawValue, depth: usize) -> Result<Option<String>, NotCanonical> {
    match value.get().as_bytes().first() {
        Some(b'{') => canonical_object(value.get(), depth).map(Some),
        Some(b'[') => canonical_array(value.get(), depth),
        _ => {
            let text = text(value).filter(|text| !text.is_empty());
            text.map(|text| serde_json::to_string(&text)).transpose().map_err(|_| NotCanonical)
        }
    }
}

fn canonical_object(json: &str, depth: usize) -> Result<String, NotCanonical> {
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_str(json).ok().filter(|_| depth < DEEPEST).ok_or(NotCanonical)?;
    let mut pairs = Vec::with_capacity(members.len());
    for (name, value) in members {
        if let Some(written) = canonical(value, depth + 1)? {
            let name = serde_json::to_string(&name).map_err(|_| NotCanonical)?;
            pairs.push(format!("{name}:{written}"));
        }
    }
    Ok(format!("{{{}}}", pairs.join(",")))
}

/// Order is kept. Clients agree only on arrays of objects, the only ones the convention has; of others, empty elements go.
fn canonical_array(json: &str, depth: usize) -> Result<Option<String>, NotCanonical> {
    let values: Vec<&RawValue> =
        serde_json::from_str(json).ok().filter(|_| depth < DEEPEST).ok_or(NotCanonical)?;
    let mut written = Vec::with_capacity(values.len());
    for value in values {
        written.extend(canonical(value, depth + 1)?);
    }
    Ok((!written.is_empty()).then(|| format!("[{}]", written.join(","))))
}
