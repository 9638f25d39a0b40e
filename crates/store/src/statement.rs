//! A statement of our own text that does not vary, with `?` for each parameter: a connection parses and plans it once.
//! (diesel's `sql_query` is parsed and planned at every call.)

use diesel::backend::Backend;
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{SqlType, Untyped};

/// Built in one go, or told piece by piece: text, and a value for each `?` in the order of the text.
pub struct Statement<'a, DB: Backend> {
    text: String,
    parameters: Vec<Box<dyn QueryFragment<DB> + 'a>>,
}

impl<'a, DB: Backend> Statement<'a, DB> {
    pub fn new(text: impl Into<String>) -> Statement<'a, DB> {
        Statement { text: text.into(), parameters: Vec::new() }
    }

    /// More text.
    pub fn say(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Another statement behind this one.
    pub fn append(&mut self, between: &str, other: Statement<'a, DB>) {
        self.text.push_str(between);
        self.text.push_str(&other.text);
        self.parameters.extend(other.parameters);
    }

    /// The value of the next `?`.
    pub fn bind<ST, T>(mut self, value: T) -> Statement<'a, DB>
    where
        ST: SqlType + TypedExpressionType,
        T: AsExpression<ST>,
        T::Expression: QueryFragment<DB> + 'a,
    {
        self.push::<ST, T>(value);
        self
    }

    pub fn push<ST, T>(&mut self, value: T)
    where
        ST: SqlType + TypedExpressionType,
        T: AsExpression<ST>,
        T::Expression: QueryFragment<DB> + 'a,
    {
        self.parameters.push(Box::new(value.as_expression()));
    }
}

impl<DB: Backend> QueryFragment<DB> for Statement<'_, DB> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut parameters = self.parameters.iter();
        for (at, part) in self.text.split('?').enumerate() {
            if at > 0
                && let Some(parameter) = parameters.next()
            {
                parameter.walk_ast(out.reborrow())?;
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

/// Told apart by its text.
impl<DB: Backend> QueryId for Statement<'_, DB> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Rows are read by the names of their columns.
impl<DB: Backend> Query for Statement<'_, DB> {
    type SqlType = Untyped;
}

impl<DB: Backend, Conn> RunQueryDsl<Conn> for Statement<'_, DB> {}
