//! The command line: what an operator types. Each command in a file of its own.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line prints; everything else logs"
)]

pub mod catalogue;
mod catalogue_diff;
pub mod demo;
pub mod rules;
pub mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// The gateway between hospitals and dual-channel pharmacies / 电子处方流转网关
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve hospitals, pharmacies, patients and regulators.
    Serve(Config),
    /// Bring the database to this version.
    Migrate(Config),
    /// Run the demo world through the gateway, then serve what it made.
    Demo(demo::DemoArguments),
    /// Check or explain the catalogue.
    Catalogue(catalogue::CatalogueArguments),
    /// Say why a case of the rules comes out as it does.
    Rules(rules::RulesArguments),
}

/// Runs what was typed; a failure is one line that says what to do.
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(config) => serve::serve(&config),
        Command::Migrate(config) => serve::migrate(&config),
        Command::Demo(arguments) => demo::demo(&arguments),
        Command::Catalogue(command) => catalogue::catalogue(&command),
        Command::Rules(command) => rules::rules(&command),
    }
}
