//! The queries, written once and compiled for each engine: `super` gives the connection and what is the engine's own.

mod desk;
mod outbox;
mod reads;
mod registers;
mod retention;
mod save;
mod search;

use super::Conn;
use crate::engine::Engine;

impl Engine for Conn {}
