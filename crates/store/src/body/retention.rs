//! Forgetting what has served its time: stored answers (DESIGN §4: 7 days, then the natural key answers) and notices that
//! arrived. Prescriptions, events and the ledger are not forgotten here.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::moment::Moment;

use super::super::{self as engine, Conn};
use crate::engine::Retention;
use crate::fault::StoreError;

const ANSWERS: &str = "DELETE FROM command WHERE (key, scope) IN \
    (SELECT key, scope FROM command WHERE at_ms < $1 ORDER BY at_ms LIMIT $2)";
const NOTICES: &str = "DELETE FROM outbox WHERE id IN \
    (SELECT id FROM outbox WHERE state = 'delivered' AND delivered_ms < $1 LIMIT $2)";

impl Retention for Conn {
    fn checkpoint(&mut self) -> Result<(), StoreError> {
        Ok(engine::checkpoint(self)?)
    }

    fn forget(&mut self, before: Moment, limit: i64) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        for statement in [ANSWERS, NOTICES] {
            let these = diesel::sql_query(statement).bind::<BigInt, _>(before.millis());
            forgotten += these.bind::<BigInt, _>(limit).execute(self)?;
        }
        Ok(forgotten)
    }
}
