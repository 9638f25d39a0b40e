//! What a batch writes: each row type names the columns of its table once, and each engine writes them its own way,
//! PostgreSQL an array per column and SQLite one row after the other. No text varies with the number of rows, so that a
//! connection parses and plans it once.

use std::fmt::Debug;

use diesel::dsl::SqlTypeOf;
use diesel::expression::TypedExpressionType;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, SqlType};
use diesel::sqlite::Sqlite;

/// A row as it is written.
pub trait Written: Sized + 'static {
    const TABLE: &'static str;
    /// Names of the key's columns.
    const KEY: &'static str;
    /// Every column with its value, always in the same order.
    fn columns<'r>(to: &mut impl Columns<'r, Self>);
}

/// Who is told the columns of a row type.
pub trait Columns<'r, R: 'r> {
    /// A column that keeps the value that it had first.
    fn put<C, T>(&mut self, column: C, value: fn(&'r R) -> &'r T)
    where
        C: Column,
        SqlTypeOf<C>: SqlType + TypedExpressionType + 'static,
        T: Value<SqlTypeOf<C>>,
        Pg: HasSqlType<SqlTypeOf<C>>,
        Sqlite: HasSqlType<SqlTypeOf<C>>;

    /// A column that [`Renews`] writes over.
    fn renew<C, T>(&mut self, column: C, value: fn(&'r R) -> &'r T)
    where
        C: Column,
        SqlTypeOf<C>: SqlType + TypedExpressionType + 'static,
        T: Value<SqlTypeOf<C>>,
        Pg: HasSqlType<SqlTypeOf<C>>,
        Sqlite: HasSqlType<SqlTypeOf<C>>,
    {
        self.put(column, value);
    }
}

/// A value that both engines can write.
pub trait Value<ST>: ToSql<ST, Pg> + ToSql<ST, Sqlite> + Debug + 'static {}
impl<ST, T: ToSql<ST, Pg> + ToSql<ST, Sqlite> + Debug + 'static> Value<ST> for T {}

/// What happens to a row whose key is there already.
pub trait Clash: 'static {
    fn clause(key: &str, renewed: &[&str]) -> String;
}

/// It is an error: the row was thought to be new.
pub struct Fails;
/// The row that is there stays.
pub struct Keeps;
/// The columns that change are written over.
pub struct Renews;

impl Clash for Fails {
    fn clause(_: &str, _: &[&str]) -> String {
        String::new()
    }
}
impl Clash for Keeps {
    fn clause(_: &str, _: &[&str]) -> String {
        " ON CONFLICT DO NOTHING".to_owned()
    }
}
impl Clash for Renews {
    fn clause(key: &str, renewed: &[&str]) -> String {
        let set: Vec<String> =
            renewed.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        format!(" ON CONFLICT ({key}) DO UPDATE SET {}", set.join(", "))
    }
}

/// The statement that writes rows of `R`, a `?` for each column; `source` is what stands before the parameters.
pub fn insert<R: Written, M: Clash>(source: &str) -> String {
    let mut names = Names::default();
    R::columns(&mut names);
    let Names { all, renewed } = names;
    let (table, columns, marks) = (R::TABLE, all.join(", "), vec!["?"; all.len()].join(", "));
    format!("INSERT INTO {table} ({columns}) {source}({marks}){}", M::clause(R::KEY, &renewed))
}

#[derive(Default)]
struct Names {
    all: Vec<&'static str>,
    renewed: Vec<&'static str>,
}

impl<'r, R: 'r> Columns<'r, R> for Names {
    fn put<C: Column, T>(&mut self, _: C, _: fn(&'r R) -> &'r T) {
        self.all.push(C::NAME);
    }
    fn renew<C: Column, T>(&mut self, _: C, _: fn(&'r R) -> &'r T) {
        self.all.push(C::NAME);
        self.renewed.push(C::NAME);
    }
}
