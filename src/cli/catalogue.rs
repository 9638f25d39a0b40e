//! `rxgate catalogue check | stats | explain | diff | preview | restrictions | region`: what the catalogue holds, for an
//! operator at a command line.
//!
//! Knows the folder and how to print; all meaning is the domain's. Exit status 0: fine; 1: faults in the files;
//! 2: the folder cannot be read.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use domain::catalogue::{Catalogue, EditionStats, Stats, restriction};
use domain::institution::PoolingArea;
use domain::region::Regions;

use super::catalogue_diff::{differences, preview};
use crate::catalogue_files;

/// `rxgate catalogue`.
#[derive(Debug, Args)]
pub struct CatalogueArguments {
    /// Folder of the catalogue
    #[arg(long, env = "RXGATE_CATALOGUE", default_value = "catalogue", value_name = "FOLDER")]
    dir: PathBuf,
    #[command(subcommand)]
    command: CatalogueCommand,
}

/// Runs what was typed and prints the outcome.
pub fn catalogue(arguments: &CatalogueArguments) -> ExitCode {
    let Outcome { text, status } = run(&arguments.command, &arguments.dir);
    if status == 0 {
        print!("{text}");
    } else {
        eprint!("{text}");
    }
    ExitCode::from(status)
}

/// Subcommands of `rxgate catalogue`.
#[derive(Debug, Subcommand)]
pub enum CatalogueCommand {
    /// Read every file and every region's policy; report all faults, each with file and place
    Check,
    /// Count what is loaded, to be held against the official totals
    Stats {
        /// One JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
    /// What the catalogue says of a national code, a diagnosis code or a drug's name on a day
    Explain {
        /// National code, diagnosis code or generic name
        what: String,
        /// Day, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        on: NaiveDate,
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// Rows added, removed and changed from one folder to another
    Diff {
        before: PathBuf,
        after: PathBuf,
        /// All rows, as JSON
        #[arg(long)]
        json: bool,
    },
    /// Validate a new folder and say what it would change of the active one (--dir); nothing is activated
    Preview { new: PathBuf },
    /// The rows of rules/restrictions.csv: reviewed ones as they are, all others as the parser says now
    Restrictions,
    /// Every figure of a pooling area's policy on a day, each with its source
    Region {
        /// Six-digit code of the area, such as 540100
        area: PoolingArea,
        /// Day, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        on: NaiveDate,
        /// A JSON list instead of text
        #[arg(long)]
        json: bool,
    },
}

/// What a subcommand prints and how the process ends. Status 0 goes to stdout, anything else to stderr.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub text: String,
    pub status: u8,
}

impl Outcome {
    pub fn fine(text: String) -> Outcome {
        Outcome { text, status: 0 }
    }
}

/// Runs one subcommand on the folder `dir`. `digest` names the bytes that were read.
pub fn run(command: &CatalogueCommand, dir: &Path) -> Outcome {
    match command {
        CatalogueCommand::Check => check(dir),
        CatalogueCommand::Stats { json } => stats(dir, *json),
        CatalogueCommand::Explain { what, on, json } => explain(dir, what, *on, *json),
        CatalogueCommand::Diff { before, after, json } => differences(before, after, *json),
        CatalogueCommand::Preview { new } => preview(dir, new),
        CatalogueCommand::Restrictions => {
            with_catalogue(dir, |catalogue| Outcome::fine(restriction::table(catalogue)))
        }
        CatalogueCommand::Region { area, on, json } => region(dir, area, *on, *json),
    }
}

/// `catalogue check`: tables and policies; what a policy says without any effect is remarked.
pub fn check(dir: &Path) -> Outcome {
    let (catalogue, policies) = match (catalogue_files::read(dir), catalogue_files::policies(dir)) {
        (Ok(files), Ok(policies)) => {
            (Catalogue::build(&files, catalogue_files::digest(&files)), policies)
        }
        (Err(fault), _) | (_, Err(fault)) => {
            return Outcome { text: format!("{fault}\n"), status: 2 };
        }
    };
    let (regions, mut faults) = policies;
    match catalogue {
        Ok(catalogue) if faults.is_empty() => {
            let table = stats_table(&catalogue.stats());
            let remarks = remarks(&regions);
            let digest = catalogue.digest();
            Outcome::fine(format!("{} is in order: {digest}\n{table}{remarks}", dir.display()))
        }
        Ok(_) => Outcome { text: faults_text(dir, &faults), status: 1 },
        Err(found) => {
            faults.extend(found.iter().map(ToString::to_string));
            Outcome { text: faults_text(dir, &faults), status: 1 }
        }
    }
}

/// The regions, how much of each is assumed, and what is written without any effect.
fn remarks(regions: &Regions) -> String {
    let mut text = String::new();
    for region in regions.iter() {
        let (area, name, from) = (&region.area, &region.name_en, region.valid_from);
        let (assumed, all) = (region.assumed().len(), region.figures().len());
        text += &format!("region {area} {name} from {from}: {all} figures, {assumed} assumed\n");
        for remark in region.without_effect() {
            text += &format!("  without effect: {remark}\n");
        }
    }
    text
}

/// `catalogue region`.
pub fn region(dir: &Path, area: &PoolingArea, on: NaiveDate, json: bool) -> Outcome {
    let (regions, faults) = match catalogue_files::policies(dir) {
        Ok(read) => read,
        Err(fault) => return Outcome { text: format!("{fault}\n"), status: 2 },
    };
    if !faults.is_empty() {
        return Outcome { text: faults_text(dir, &faults), status: 1 };
    }
    let Some(region) = regions.on(area, on) else {
        let text =
            format!("no policy of {area} holds on {on}; `rxgate catalogue check` lists all\n");
        return Outcome { text, status: 1 };
    };
    if json {
        return as_json(&region.figures());
    }
    let lines: Vec<String> = region.figures().iter().map(|one| format!("  {one}\n")).collect();
    Outcome::fine(format!("{area} {} {}\n{}", region.name_zh, region.name_en, lines.concat()))
}

/// `catalogue stats`.
pub fn stats(dir: &Path, json: bool) -> Outcome {
    with_catalogue(dir, |catalogue| {
        let stats = catalogue.stats();
        if json { as_json(&stats) } else { Outcome::fine(stats_table(&stats)) }
    })
}

/// `catalogue explain`.
pub fn explain(dir: &Path, what: &str, on: NaiveDate, json: bool) -> Outcome {
    with_catalogue(dir, |catalogue| {
        let explanation = catalogue.explain(what, on);
        if json { as_json(&explanation) } else { Outcome::fine(explanation.to_string()) }
    })
}

pub(super) fn as_json(value: &impl serde::Serialize) -> Outcome {
    match serde_json::to_string_pretty(value) {
        Ok(text) => Outcome::fine(text + "\n"),
        Err(error) => Outcome { text: format!("cannot be written as JSON: {error}\n"), status: 2 },
    }
}

fn with_catalogue(dir: &Path, show: impl FnOnce(&Catalogue) -> Outcome) -> Outcome {
    let files = match catalogue_files::read(dir) {
        Ok(files) => files,
        Err(fault) => return Outcome { text: format!("{fault}\n"), status: 2 },
    };
    // Nothing is decided here, so the content needs no name.
    match Catalogue::build(&files, String::new()) {
        Ok(catalogue) => show(&catalogue),
        Err(found) => {
            let faults: Vec<String> = found.iter().map(ToString::to_string).collect();
            Outcome { text: faults_text(dir, &faults), status: 1 }
        }
    }
}

pub(super) fn faults_text(dir: &Path, faults: &[String]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}\n")).collect();
    format!(
        "{} faults in {}:\n{}Mend them and run again: rxgate catalogue check\n",
        faults.len(),
        dir.display(),
        lines.concat()
    )
}

pub(super) fn stats_table(stats: &Stats) -> String {
    type Column = (&'static str, fn(&EditionStats) -> usize);
    let columns: [Column; 8] = [
        ("drugs", |e| e.drugs),
        ("official", |e| e.official_drugs),
        ("western", |e| e.western),
        ("chinese patent", |e| e.chinese_patent),
        ("negotiated", |e| e.negotiated),
        ("pieces", |e| e.decoction_pieces),
        ("carried", |e| e.carried),
        ("unknown", |e| e.unknown),
    ];
    let head = columns.map(|(name, _)| format!("{name:>15}")).concat();
    let mut text = format!("{:<8}{head}\n", "edition");
    for (id, edition) in &stats.editions {
        let cells = columns.map(|(_, count)| format!("{:>15}", count(edition))).concat();
        text += &format!("{id:<8}{cells}\n");
    }
    text + &format!(
        "ethnic {}; ICD-10 {}; limits {} on {} national codes; VBP prices {}\n{}",
        stats.ethnic,
        stats.icd10,
        stats.national_code_limits,
        stats.national_codes,
        stats.vbp_prices,
        further_counts(stats)
    )
}

fn further_counts(stats: &Stats) -> String {
    let parsed = &stats.restrictions;
    format!(
        "clinical codes {}; divisions {}; commercial drugs {}; provinces' items {}, dual-channel drugs {}; products {}\n\
         ATC names {}; interactions {}; restrictions {}: {} parsed whole, {} partly, {} not; {} reviewed\n",
        stats.clinical_diagnoses,
        stats.divisions,
        stats.commercial_drugs,
        stats.local_items,
        stats.dual_channel_drugs,
        stats.products,
        stats.atc_names,
        stats.interactions,
        parsed.texts,
        parsed.parsed_whole,
        parsed.parsed_partly,
        parsed.unparsed,
        parsed.reviewed
    )
}
