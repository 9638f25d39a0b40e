//! Which database: chosen by its URL at run time. Connections, migrations and versions.

use diesel::Connection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use crate::engine::{Desk, Engine};
use crate::fault::StoreError;
use crate::{postgres, sqlite};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    Postgres(String),
    /// Path of the file.
    Sqlite(String),
}

impl Database {
    pub fn new(url: &str) -> Database {
        let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        if is_postgres {
            return Database::Postgres(url.to_owned());
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        Database::Sqlite(path.strip_prefix("//").unwrap_or(path).to_owned())
    }

    /// Only one connection may write at a time.
    pub fn has_one_writer(&self) -> bool {
        matches!(self, Database::Sqlite(_))
    }

    /// For reads, and for writes outside a batch.
    pub fn connect(&self) -> Result<Box<dyn Engine>, StoreError> {
        Ok(match self {
            Database::Postgres(url) => Box::new(postgres::open(url)?),
            Database::Sqlite(path) => Box::new(sqlite::open(path)?),
        })
    }

    /// For a writer.
    pub fn desk(&self) -> Result<Box<dyn Desk>, StoreError> {
        Ok(match self {
            Database::Postgres(url) => Box::new(postgres::open_desk(url)?),
            Database::Sqlite(path) => Box::new(sqlite::open(path)?),
        })
    }

    pub fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Database::Postgres(url) => postgres::migrate(&mut postgres::open(url)?),
            Database::Sqlite(path) => sqlite::migrate(&mut sqlite::open(path)?),
        }
    }

    /// Version of the newest migration that was run; none: it is empty.
    pub fn version(&self) -> Result<Option<String>, StoreError> {
        match self {
            Database::Postgres(url) => newest_run(&mut postgres::open(url)?),
            Database::Sqlite(path) => newest_run(&mut sqlite::open(path)?),
        }
    }

    /// Fits this program's version?
    pub fn check_version(&self) -> Result<(), StoreError> {
        let needed = match self {
            Database::Postgres(_) => newest_known::<diesel::pg::Pg>(postgres::MIGRATIONS)?,
            Database::Sqlite(_) => newest_known::<diesel::sqlite::Sqlite>(sqlite::MIGRATIONS)?,
        };
        match self.version()? {
            Some(found) if found == needed => Ok(()),
            Some(found) if found > needed => Err(StoreError::TooNew { found, known: needed }),
            found => Err(StoreError::NotMigrated { found, needed }),
        }
    }
}

fn newest_run<C, B>(conn: &mut C) -> Result<Option<String>, StoreError>
where
    B: diesel::backend::Backend,
    C: MigrationHarness<B> + Connection<Backend = B>,
{
    let versions: Vec<MigrationVersion<'static>> =
        conn.applied_migrations().map_err(|fault| StoreError::Migration(fault.to_string()))?;
    Ok(versions.into_iter().map(|version| version.to_string()).max())
}

fn newest_known<B: diesel::backend::Backend>(
    known: EmbeddedMigrations,
) -> Result<String, StoreError> {
    let migrations: Vec<Box<dyn Migration<B>>> =
        known.migrations().map_err(|fault| StoreError::Migration(fault.to_string()))?;
    let newest = migrations.iter().map(|one| one.name().version().to_string()).max();
    Ok(newest.unwrap_or_default())
}
