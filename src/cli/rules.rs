//! `rxgate rules explain FILE#NAME`: why a case comes out as it does: each finding with its evidence, edition and the figures
//! it rests on, and what the fund pays per line.
//!
//! Knows files and how to print; the case and its judgement are the domain's. Exit status 0: as the case expects; 1: otherwise;
//! 2: something cannot be read.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use domain::casebook::{self, Judged, Library, RuleCase};
use domain::catalogue::{Catalogue, Files};
use domain::check::{LineCoverage, figures_of};
use domain::finding::Finding;
use domain::region::Region;

use super::catalogue::Outcome;
use crate::catalogue_files;

/// The folder of synthetic lists beside the cases.
const LISTS: &str = "lists";

/// `rxgate rules`.
#[derive(Debug, Args)]
pub struct RulesArguments {
    /// Folder of the catalogue
    #[arg(long, env = "RXGATE_CATALOGUE", default_value = "catalogue", value_name = "FOLDER")]
    dir: PathBuf,
    #[command(subcommand)]
    command: RulesCommand,
}

/// Subcommands of `rxgate rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Judge one case of a file and say why
    Explain {
        /// FILE#NAME, a file that holds one case, or a file alone to list the names in it
        case: String,
    },
}

/// Runs what was typed and prints the outcome.
pub fn rules(arguments: &RulesArguments) -> ExitCode {
    let RulesCommand::Explain { case } = &arguments.command;
    let Outcome { text, status } = explain(&arguments.dir, case);
    if status == 2 {
        eprint!("{text}");
    } else {
        print!("{text}");
    }
    ExitCode::from(status)
}

/// `rules explain`.
pub fn explain(dir: &Path, case: &str) -> Outcome {
    judged(dir, case).unwrap_or_else(|text| Outcome { text: format!("{text}\n"), status: 2 })
}

fn judged(dir: &Path, what: &str) -> Result<Outcome, String> {
    let (file, name) = match what.split_once('#') {
        Some((file, name)) => (file, Some(name)),
        None => (what, None),
    };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let cases = casebook::read(&text).map_err(|faults| faults.join("\n"))?;
    let found = match (name, cases.as_slice()) {
        (Some(name), all) => all.iter().find(|case| case.name == name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let Some(case) = found else {
        let names: Vec<String> =
            cases.iter().map(|one| format!("  {file}#{}\n", one.name)).collect();
        return Err(format!("which of these?\n{}", names.concat().trim_end()));
    };
    let library = library(dir, Path::new(file), case)?;
    let judged = case.judge(&library)?;
    let differences = judged.differences(case);
    let status = u8::from(!differences.is_empty());
    Ok(Outcome { text: told(case, &judged, &differences), status })
}

fn library(dir: &Path, file: &Path, case: &RuleCase) -> Result<Library, String> {
    let words = |error: catalogue_files::FolderFault| error.to_string();
    let files = catalogue_files::read(dir).map_err(words)?;
    let (regions, faults) = catalogue_files::policies(dir).map_err(words)?;
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    let policies = catalogue_files::policy_texts(dir).map_err(words)?;
    let build = |files: &Files| {
        Catalogue::build(files, String::new())
            .map(Arc::new)
            .map_err(|faults| faults.iter().map(|one| format!("{one}\n")).collect::<String>())
    };
    let lists = file.with_file_name(LISTS);
    let with_lists = if case.lists {
        let lists = catalogue_files::tables(&lists).map_err(words)?;
        Some(build(&casebook::with_lists(files.clone(), lists))?)
    } else {
        None
    };
    Ok(Library { catalogue: build(&files)?, with_lists, regions: Arc::new(regions), policies })
}

fn told(case: &RuleCase, judged: &Judged, differences: &[String]) -> String {
    let mut text = format!("{}\n", case.name);
    if let Some(region) = &judged.region {
        let (area, zh, en, from) =
            (&region.area, &region.name_zh, &region.name_en, region.valid_from);
        text += &format!("{area} {zh} {en}, policy from {from}; issued {}\n", case.on);
    }
    if judged.findings.is_empty() && judged.faults.is_empty() {
        text += "nothing found 无异常\n";
    }
    for finding in &judged.findings {
        text += &found(finding, judged.region.as_ref());
    }
    for fault in &judged.faults {
        text += &format!("mend {}\n  {}\n  {}\n", fault.field, fault.message_zh, fault.message_en);
    }
    for line in judged.coverage.iter().flat_map(|covered| &covered.lines) {
        text += &paid(line, judged);
    }
    match differences {
        [] => text + "as expected 与预期一致\n",
        _ => differences
            .iter()
            .fold(text + "not as expected 与预期不符\n", |text, one| text + "  " + one + "\n"),
    }
}

/// One finding, what it looked at, and the figures behind it.
fn found(finding: &Finding, region: Option<&Region>) -> String {
    let line = finding.line_no.map_or_else(String::new, |no| format!(" line {no}"));
    let trial = finding.on_trial.map_or_else(String::new, |was| format!(" (on trial: {was})"));
    let (rule, severity) = (&finding.rule, finding.severity);
    let (zh, en) = (&finding.message_zh, &finding.message_en);
    let mut text = format!("{severity} {rule}{line}{trial}\n  {zh}\n  {en}\n");
    for (word, value) in [("evidence", &finding.evidence), ("edition", &finding.edition)] {
        if let Some(value) = value {
            text += &format!("  {word}: {value}\n");
        }
    }
    for path in figures_of(rule) {
        let of_path = |one: &&domain::region::Shown| match path.ends_with('.') {
            true => one.path.starts_with(path),
            false => *one.path == **path,
        };
        for figure in region.into_iter().flat_map(Region::figures).filter(of_path) {
            text += &format!("  figure: {figure}\n");
        }
    }
    text
}

/// What the fund pays of a line, and by which terms.
fn paid(line: &LineCoverage, judged: &Judged) -> String {
    let drug = judged.facts.as_ref().and_then(|facts| facts.line(line.line_no));
    let name = drug.map_or("", |line| &line.generic_name);
    if !line.payable {
        return format!("line {} {name}: the patient pays 自费\n", line.line_no);
    }
    let path = line.path.map_or("none", |path| path.key());
    let standard =
        line.standard.map_or_else(String::new, |one| format!(", standard {one} a package"));
    let unverified = if line.verified { "" } else { ", row of the list not verified" };
    let (no, share) = (line.line_no, line.first_self_pay);
    format!(
        "line {no} {name}: the fund pays, path {path}, first self-pay {share}{standard}{unverified}\n"
    )
}
