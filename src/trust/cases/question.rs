//! Reads one case. All of its faults are told at once, each with the member that it is in.

use data_encoding::HEXLOWER_PERMISSIVE;
use serde_json::{Map, Value};

use crate::trust::sm4::{BLOCK, Mode};

/// A case whose members make sense.
pub enum Question {
    Sm2Verify { key: Vec<u8>, user_id: Vec<u8>, message: Vec<u8>, signature: Vec<u8>, expect: bool },
    Sm3 { message: Vec<u8>, expect: Vec<u8> },
    HmacSm3 { key: Vec<u8>, message: Vec<u8>, expect: Vec<u8> },
    Sm4Decrypt { key: [u8; BLOCK], mode: Mode, hidden: Vec<u8>, expect: Vec<u8> },
    EpcOpen { app_id: String, app_secret: String, enc_data: String, expect: Value },
}

impl Question {
    pub fn op(&self) -> &'static str {
        match self {
            Question::Sm2Verify { .. } => "sm2_verify",
            Question::Sm3 { .. } => "sm3",
            Question::HmacSm3 { .. } => "hmac_sm3",
            Question::Sm4Decrypt { mode: Mode::Ecb, .. } => "sm4_ecb_decrypt",
            Question::Sm4Decrypt { mode: Mode::Cbc(_), .. } => "sm4_cbc_decrypt",
            Question::EpcOpen { .. } => "epc_open",
        }
    }
}

/// The question that a case asks, or everything that keeps it from being one. Members that no operation knows are passed over:
/// they may name the case or its source.
pub fn read(case: &Value) -> Result<Question, Vec<String>> {
    let Some(members) = case.as_object() else { return Err(vec!["is not a JSON object".into()]) };
    let mut members = Members { members, faults: Vec::new() };
    let question = members.question();
    match question {
        Some(question) if members.faults.is_empty() => Ok(question),
        _ => Err(members.faults),
    }
}

struct Members<'a> {
    members: &'a Map<String, Value>,
    faults: Vec<String>,
}

impl Members<'_> {
    /// `None` only for an unknown `op`. Where a member has a fault something empty stands in for it: the question is not asked.
    fn question(&mut self) -> Option<Question> {
        let question = match self.text("op").as_str() {
            "sm2_verify" => Question::Sm2Verify {
                key: self.bytes("public_key"),
                user_id: self.user_id(),
                message: self.bytes("message"),
                signature: self.bytes("signature"),
                expect: self.truth("expect"),
            },
            "sm3" => {
                Question::Sm3 { message: self.bytes("message"), expect: self.digest("expect") }
            }
            "hmac_sm3" => Question::HmacSm3 {
                key: self.bytes("key"),
                message: self.bytes("message"),
                expect: self.digest("expect"),
            },
            "sm4_ecb_decrypt" => self.sm4(|_| Mode::Ecb),
            "sm4_cbc_decrypt" => self.sm4(|members| Mode::Cbc(members.block("iv"))),
            "epc_open" => self.epc_open(),
            unknown => {
                // A missing `op` is told already.
                if !unknown.is_empty() {
                    self.fault("op", &format!("`{unknown}` is no operation"));
                }
                return None;
            }
        };
        Some(question)
    }

    fn sm4(&mut self, mode: impl Fn(&mut Self) -> Mode) -> Question {
        Question::Sm4Decrypt {
            key: self.block("key"),
            mode: mode(self),
            hidden: self.bytes("ciphertext"),
            expect: self.bytes("expect"),
        }
    }

    fn epc_open(&mut self) -> Question {
        let (app_id, app_secret) = (self.text("app_id"), self.text("app_secret"));
        if !app_id.is_empty() && (app_id.len() < BLOCK || !app_id.is_ascii()) {
            self.fault("app_id", "has fewer than 16 ASCII characters");
        }
        self.bytes("enc_data");
        let expect = self.text("expect");
        let expect = serde_json::from_str(&expect).unwrap_or_else(|_| {
            if !expect.is_empty() {
                self.fault("expect", "is not the text of a JSON value");
            }
            Value::Null
        });
        Question::EpcOpen { app_id, app_secret, enc_data: self.text("enc_data"), expect }
    }

    fn user_id(&mut self) -> Vec<u8> {
        let id = self.bytes("user_id");
        if id.len() > 8191 {
            self.fault("user_id", "is longer than 8191 bytes");
        }
        id
    }

    fn digest(&mut self, name: &str) -> Vec<u8> {
        let digest = self.bytes(name);
        if digest.len() != 32 && self.members.get(name).is_some_and(Value::is_string) {
            self.fault(name, &format!("has {} bytes, 32 are wanted", digest.len()));
        }
        digest
    }

    fn block(&mut self, name: &str) -> [u8; BLOCK] {
        let bytes = self.bytes(name);
        bytes.as_slice().try_into().unwrap_or_else(|_| {
            if self.members.get(name).is_some_and(Value::is_string) {
                self.fault(name, &format!("has {} bytes, 16 are wanted", bytes.len()));
            }
            [0; BLOCK]
        })
    }

    fn bytes(&mut self, name: &str) -> Vec<u8> {
        let text = self.member(name, Value::as_str, "a text").unwrap_or_default();
        HEXLOWER_PERMISSIVE.decode(text.as_bytes()).unwrap_or_else(|_| {
            self.fault(name, "is not hexadecimal");
            Vec::new()
        })
    }

    /// A text that is not empty.
    fn text(&mut self, name: &str) -> String {
        let text = self.member(name, Value::as_str, "a text");
        if text == Some("") {
            self.fault(name, "is empty");
        }
        text.unwrap_or_default().to_owned()
    }

    fn truth(&mut self, name: &str) -> bool {
        self.member(name, Value::as_bool, "true or false").unwrap_or_default()
    }
}

impl<'a> Members<'a> {
    fn member<T>(
        &mut self,
        name: &str,
        read: impl Fn(&'a Value) -> Option<T>,
        wanted: &str,
    ) -> Option<T> {
        let Some(value) = self.members.get(name) else {
            self.fault(name, "is missing");
            return None;
        };
        let found = read(value);
        if found.is_none() {
            self.fault(name, &format!("is not {wanted}"));
        }
        found
    }

    fn fault(&mut self, name: &str, what: &str) {
        let fault = format!("{name} {what}");
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}
