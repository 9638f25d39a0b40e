//! placeholder
pub mod catalogue_files;
pub mod cli;
