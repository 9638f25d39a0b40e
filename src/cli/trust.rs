//! `rxgate trust check FILE`: somebody else's vectors, tried with every implementation here, without writing Rust.
//!
//! Exit status 0: every answer is the expected one; 1: some are not, or a case is none; 2: no case was tried.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::trust::cases;

/// `rxgate trust`.
#[derive(Debug, Args)]
pub struct TrustArguments {
    #[command(subcommand)]
    command: TrustCommand,
}

/// Subcommands of `rxgate trust`.
#[derive(Debug, Subcommand)]
enum TrustCommand {
    /// Run a JSON array of cases through every implementation; docs/trust.md lists the operations
    Check {
        /// The file of cases
        file: PathBuf,
    },
}

/// Runs what was typed: mismatches and counts on standard output.
pub fn trust(arguments: &TrustArguments) -> ExitCode {
    let TrustCommand::Check { file } = &arguments.command;
    let json = match std::fs::read_to_string(file) {
        Ok(json) => json,
        Err(why) => return not_tried(&format!("cannot read {}: {why}", file.display())),
    };
    match cases::check(&json) {
        Ok(report) => {
            print!("{report}");
            ExitCode::from(u8::from(!report.is_clean()))
        }
        Err(why) => not_tried(&format!("{}: {why}", file.display())),
    }
}

fn not_tried(why: &str) -> ExitCode {
    eprintln!("rxgate: {why}");
    ExitCode::from(2)
}
