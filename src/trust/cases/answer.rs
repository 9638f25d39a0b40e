//! Asks every implementation and compares.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::Value;

use super::question::Question;
use crate::trust::envelope::Credentials;
use crate::trust::key_tables::KeyTables;
use crate::trust::signature::{PublicKey, Signature};
use crate::trust::sm3::{hmac_sm3, sm3};
use crate::trust::sm4::{BLOCK, Mode, NoSm4, Padding, Sm4};
use crate::trust::verify::{OpenSsl, RustCrypto, Verify};

/// Bytes that the tables of the keys in a file may take.
const TABLES: usize = 16 << 20;
const OPENSSL: &str = "OpenSSL";
const RUSTCRYPTO: &str = "RustCrypto";

/// Whose answers are compared.
pub struct Implementations {
    sm2: [Box<dyn Verify>; 3],
    sm4: Sm4,
}

/// What one implementation answers, as text, and whether that was expected.
struct Answer {
    by: &'static str,
    found: String,
    expected: bool,
}

impl Implementations {
    pub fn new() -> Result<Implementations, NoSm4> {
        let own = KeyTables::new(TABLES);
        let sm2: [Box<dyn Verify>; 3] = [Box::new(own), Box::new(OpenSsl), Box::new(RustCrypto)];
        Ok(Implementations { sm2, sm4: Sm4::new()? })
    }

    /// A line per answer other than the expected one. Counts the answers of each implementation.
    pub fn wrong_answers(
        &self,
        question: &Question,
        counts: &mut BTreeMap<&'static str, usize>,
    ) -> Vec<String> {
        let (answers, expected) = self.answers(question);
        answers.iter().for_each(|answer| *counts.entry(answer.by).or_default() += 1);
        let wrong = answers.into_iter().filter(|answer| !answer.expected);
        wrong
            .map(|Answer { by, found, .. }| format!("{by} says {found}, expected {expected}"))
            .collect()
    }

    fn answers(&self, question: &Question) -> (Vec<Answer>, String) {
        match question {
            Question::Sm2Verify { key, user_id, message, signature, expect } => {
                (self.verified(key, user_id, message, signature, *expect), expect.to_string())
            }
            Question::Sm3 { message, expect } => {
                let own = Some(sm3(&[message]).to_vec());
                (digests(own, openssl_sm3(message), expect), HEXLOWER.encode(expect))
            }
            Question::HmacSm3 { key, message, expect } => {
                let own = Some(hmac_sm3(key, &[message]).to_vec());
                (digests(own, openssl_hmac(key, message), expect), HEXLOWER.encode(expect))
            }
            Question::Sm4Decrypt { key, mode, hidden, expect } => {
                (vec![self.decrypted(key, *mode, hidden, expect)], HEXLOWER.encode(expect))
            }
            Question::EpcOpen { app_id, app_secret, enc_data, expect } => {
                (vec![self.opened(app_id, app_secret, enc_data, expect)], expect.to_string())
            }
        }
    }

    /// A key that is none and a signature that is none are verified by nobody.
    fn verified(
        &self,
        key: &[u8],
        user_id: &[u8],
        message: &[u8],
        signature: &[u8],
        expect: bool,
    ) -> Vec<Answer> {
        let read = || {
            let key = PublicKey::parse(key).map_err(|fault| fault.to_string())?;
            let signature = Signature::parse(signature).map_err(|fault| fault.to_string())?;
            let digest = key.digest_under(user_id, message).ok_or("user_id is too long")?;
            Ok::<_, String>((key, digest, signature))
        };
        let read = read();
        let judged = |verifier: &dyn Verify| {
            let (verifies, found) = match &read {
                Ok((key, digest, signature)) => {
                    let verifies = verifier.verifies(key, digest, signature);
                    (verifies, verifies.to_string())
                }
                Err(fault) => (false, format!("false ({fault})")),
            };
            Answer { by: verifier.name(), found, expected: verifies == expect }
        };
        self.sm2.iter().map(|verifier| judged(verifier.as_ref())).collect()
    }

    /// What is expected is either everything that was encrypted, as the standards print it, or what stood before the padding
    /// (PKCS #7): its length says which, since padding always makes the text longer.
    fn decrypted(&self, key: &[u8; BLOCK], mode: Mode, hidden: &[u8], expect: &[u8]) -> Answer {
        let whole = expect.len() == hidden.len();
        let padding = if whole { Padding::None } else { Padding::Pkcs7 };
        let found = self.sm4.decrypt(key, mode, padding, hidden);
        Answer {
            by: OPENSSL,
            expected: found.as_deref() == Ok(expect),
            found: found.map_or_else(|fault| fault.to_string(), |plain| HEXLOWER.encode(&plain)),
        }
    }

    /// Compared as JSON: members may come in another order and with other blanks.
    fn opened(&self, app_id: &str, app_secret: &str, enc_data: &str, expect: &Value) -> Answer {
        let open = || {
            let credentials = Credentials::new(&self.sm4, app_id, app_secret)
                .map_err(|fault| fault.to_string())?;
            credentials.open(&self.sm4, enc_data).map_err(|fault| fault.to_string())
        };
        let found = open();
        let is_expected =
            |text: &String| serde_json::from_str::<Value>(text).is_ok_and(|value| value == *expect);
        Answer {
            by: OPENSSL,
            expected: found.as_ref().is_ok_and(is_expected),
            found: found.unwrap_or_else(|fault| fault),
        }
    }
}

fn digests(own: Option<Vec<u8>>, openssl: Option<Vec<u8>>, expect: &[u8]) -> Vec<Answer> {
    let answer = |(by, found): (&'static str, Option<Vec<u8>>)| Answer {
        by,
        expected: found.as_deref() == Some(expect),
        found: found.map_or_else(|| "nothing".to_owned(), |digest| HEXLOWER.encode(&digest)),
    };
    [(RUSTCRYPTO, own), (OPENSSL, openssl)].map(answer).into()
}

fn openssl_sm3(message: &[u8]) -> Option<Vec<u8>> {
    openssl::hash::hash(MessageDigest::sm3(), message).ok().map(|digest| digest.to_vec())
}

fn openssl_hmac(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    // A key of zeros is the same as none (both are padded with zeros), and OpenSSL takes no empty one.
    let key = PKey::hmac(if key.is_empty() { &[0] } else { key }).ok()?;
    Signer::new(MessageDigest::sm3(), &key).ok()?.sign_oneshot_to_vec(message).ok()
}
