//! The tables as the code names them, compared with what the migrations make on both engines.

use std::collections::BTreeMap;

use crate::app::Engine;
use crate::rows::{is_postgres, table};

/// Column names by table, as the migrations made them.
fn migrated(database: &str) -> BTreeMap<String, Vec<String>> {
    let rows = if is_postgres(database) {
        let rest = "information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
        table(database, &["table_name", "column_name"], rest)
    } else {
        let rest = "sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid";
        table(database, &["m.name", "c.name"], rest)
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let ours = !row[0].starts_with("__diesel") && !row[0].starts_with("sqlite_");
        if ours {
            tables.entry(row[0].clone()).or_default().push(row[1].clone());
        }
    }
    tables
}

/// Column names by table, as `crates/store/src/schema.rs` writes them. Read as text: a macro cannot be asked.
fn written() -> BTreeMap<String, Vec<String>> {
    let text = include_str!("../../crates/store/src/schema.rs");
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for block in text.split("diesel::table! {").skip(1) {
        let (block, _) = block.split_once("\n}").unwrap();
        let mut lines =
            block.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
        let name = lines.next().unwrap().split_whitespace().next().unwrap().to_owned();
        let columns =
            lines.filter_map(|line| line.split_once(" -> ")).map(|(column, _)| column.to_owned());
        tables.insert(name, columns.collect());
    }
    tables
}

#[test]
fn the_schema_names_exactly_the_columns_that_the_migrations_make() {
    for engine in Engine::BOTH {
        let (database, _folder) = engine.database();
        store::migrate(&database).unwrap();
        assert_eq!(written(), migrated(&database), "{engine:?}");
    }
}

#[test]
fn migrating_again_changes_nothing() {
    for engine in Engine::BOTH {
        let (database, _folder) = engine.database();
        store::migrate(&database).unwrap();
        let once = migrated(&database);
        store::migrate(&database).unwrap();
        assert_eq!(migrated(&database), once);
    }
}
