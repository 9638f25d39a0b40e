//! `command`: the stored answer of a call, so that it can be repeated byte for byte.

use diesel::prelude::*;
use diesel::result::Error;
use domain::finding::Finding;
use domain::moment::Moment;
use domain::refusal::{Fault, Reason, Refusal};
use domain::verb::{Answer, Call};
use serde::{Deserialize, Serialize};

use super::{Unreadable, document, json};
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::command)]
pub struct CommandRow {
    pub scope: i64,
    pub key: String,
    pub digest: Vec<u8>,
    pub reason_code: Option<String>,
    pub body: String,
    pub at_ms: i64,
}

impl Written for CommandRow {
    const TABLE: &'static str = "command";
    const KEY: &'static str = "key, scope";
    fn columns<'r>(to: &mut impl Columns<'r, CommandRow>) {
        use schema::command as t;
        to.put(t::scope, |row| &row.scope);
        to.put(t::key, |row| &row.key);
        to.put(t::digest, |row| &row.digest);
        to.put(t::reason_code, |row| &row.reason_code);
        to.put(t::body, |row| &row.body);
        to.put(t::at_ms, |row| &row.at_ms);
    }
}

/// A refusal's own part of the body; the reason is a column.
#[derive(Serialize, Deserialize)]
struct Details {
    faults: Vec<Fault>,
    findings: Vec<Finding>,
}

impl CommandRow {
    pub fn new(call: &Call, answer: &Answer, now: Moment) -> Result<CommandRow, Error> {
        let (reason_code, body) = match answer {
            Answer::Done(reply) => (None, reply.to_string()),
            Answer::Refused(Refusal { reason, faults, findings }) => {
                let details = Details { faults: faults.clone(), findings: findings.clone() };
                (Some(reason.code().to_owned()), json(&details)?)
            }
        };
        Ok(CommandRow {
            scope: call.scope,
            key: call.key.to_string(),
            digest: call.digest.to_vec(),
            reason_code,
            body,
            at_ms: now.millis(),
        })
    }

    pub fn answer(self) -> Result<Answer, Unreadable> {
        let Some(code) = self.reason_code else { return Ok(Answer::Done(self.body.into())) };
        // A reason is never taken away: one that is unknown was written by a newer program.
        let known = Reason::ALL.iter().find(|reason| reason.code() == code);
        let reason = *known.ok_or_else(|| Unreadable::new("command.reason_code", &code))?;
        let Details { faults, findings } = document("command.body", &self.body)?;
        Ok(Answer::Refused(Refusal { reason, faults, findings }))
    }
}
