//! Commands for people at a terminal: one file per subcommand.

pub mod catalogue;
