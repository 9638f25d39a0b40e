//! rxgate: the gateway between hospitals that issue insured e-prescriptions and the pharmacies that dispense them.
//!
//! ARCHITECTURE.md is the map. The pure core is the crate `domain`, the database the crate `store`; here are trust, the
//! flows from request to reply, the doors, the workers and the command line.

pub mod app;
pub mod catalogue_files;
pub mod cli;
pub mod config;
pub mod demo;
pub mod flow;
pub mod http;
pub mod peer;
pub mod trust;
pub mod worker;
