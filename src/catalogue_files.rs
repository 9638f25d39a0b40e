//! Reading the catalogue folder into memory: the I/O that the domain does not do.
//!
//! Knows paths and bytes, not their meaning. Only `.toml` and `.csv` files directly of the catalogue are taken; other
//! rooms of the folder (regions, demo) have their own readers.

use std::io;
use std::path::{Path, PathBuf};

use domain::catalogue::{Files, MANIFEST};
use domain::region::{Region, Regions};

use crate::trust::sm3::{sm3, to_text};

/// The room of the region policies.
const REGIONS: &str = "regions";

/// Rooms of the folder that are no tables of the catalogue.
const OTHER_ROOMS: &[&str] = &[REGIONS, "demo"];

/// Why the folder cannot be read; the text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    #[error(
        "{dir} holds no {MANIFEST}. Name the catalogue folder: rxgate catalogue --dir <folder> …"
    )]
    NoCatalogue { dir: PathBuf },
    #[error("{path} cannot be read: {source}. Check that it exists and that you may read it.")]
    Unreadable { path: PathBuf, source: io::Error },
}

/// Every table and the manifest, by path relative to `dir`.
pub fn read(dir: &Path) -> Result<Files, FolderFault> {
    if !dir.join(MANIFEST).is_file() {
        return Err(FolderFault::NoCatalogue { dir: dir.to_owned() });
    }
    tables(dir)
}

/// The texts of the policy files, for whoever judges by changed figures.
pub fn policy_texts(dir: &Path) -> Result<Vec<String>, FolderFault> {
    let files = policy_files(dir)?.into_values();
    Ok(files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect())
}

/// Every table below a folder that need not be a whole catalogue.
pub fn tables(dir: &Path) -> Result<Files, FolderFault> {
    let mut files = Files::new();
    let mut folders = vec![(dir.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, e))? {
            let path = entry.map_err(|e| unreadable(&folder, e))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if path.is_dir() {
                let is_other = prefix.is_empty() && OTHER_ROOMS.contains(&name);
                if !is_other {
                    folders.push((path.clone(), format!("{prefix}{name}/")));
                }
            } else if name.ends_with(".csv") || name == MANIFEST {
                let bytes = std::fs::read(&path).map_err(|e| unreadable(&path, e))?;
                files.insert(format!("{prefix}{name}"), bytes);
            }
        }
    }
    Ok(files)
}

/// The policies of all pooling areas, and every fault of every file, each with file and key path. Where there is a fault,
/// no policy is given.
pub fn policies(dir: &Path) -> Result<(Regions, Vec<String>), FolderFault> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for (name, bytes) in policy_files(dir)? {
        let Ok(text) = std::str::from_utf8(&bytes) else {
            faults.push(format!("{name}: not UTF-8: save the file as UTF-8"));
            continue;
        };
        match Region::parse(text, &to_text(&sm3(&[&bytes]))) {
            Ok(region) => read.push(region),
            Err(found) => faults.extend(found.iter().map(|fault| format!("{name}: {fault}"))),
        }
    }
    match Regions::new(read) {
        Ok(regions) if faults.is_empty() => Ok((regions, faults)),
        Ok(_) => Ok((Regions::default(), faults)),
        Err(found) => {
            faults.extend(found.iter().map(|fault| format!("{REGIONS}: {fault}")));
            Ok((Regions::default(), faults))
        }
    }
}

/// Does the folder bring policies of pooling areas?
pub fn has_policies(dir: &Path) -> bool {
    dir.join(REGIONS).is_dir()
}

fn policy_files(dir: &Path) -> Result<Files, FolderFault> {
    let folder = dir.join(REGIONS);
    let mut files = Files::new();
    for entry in std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, e))? {
        let path = entry.map_err(|e| unreadable(&folder, e))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.ends_with(".toml") {
            let bytes = std::fs::read(&path).map_err(|e| unreadable(&path, e))?;
            files.insert(format!("{REGIONS}/{name}"), bytes);
        }
    }
    Ok(files)
}

/// Names the content: SM3 over every name and its bytes, each preceded by its length.
pub fn digest(files: &Files) -> String {
    let lengths: Vec<[[u8; 8]; 2]> = files
        .iter()
        .map(|(name, bytes)| {
            [name.len(), bytes.len()].map(|n| u64::try_from(n).unwrap_or(u64::MAX).to_be_bytes())
        })
        .collect();
    let parts = files.iter().zip(&lengths).flat_map(|((name, bytes), [of_name, of_bytes])| {
        [of_name.as_slice(), name.as_bytes(), of_bytes.as_slice(), bytes.as_slice()]
    });
    to_text(&sm3(&parts.collect::<Vec<_>>()))
}

fn unreadable(path: &Path, source: io::Error) -> FolderFault {
    FolderFault::Unreadable { path: path.to_owned(), source }
}
