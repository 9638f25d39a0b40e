//! Reading the catalogue folder into memory: the I/O that the domain does not do.
//!
//! Knows paths and bytes, not their meaning. Only `.toml` and `.csv` files directly of the catalogue are taken; other
//! rooms of the folder (regions, demo) have their own readers.

use std::io;
use std::path::{Path, PathBuf};

use domain::catalogue::{Files, MANIFEST};

/// Rooms of the folder that are no tables of the catalogue.
const OTHER_ROOMS: &[&str] = &["regions", "demo"];

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

fn unreadable(path: &Path, source: io::Error) -> FolderFault {
    FolderFault::Unreadable { path: path.to_owned(), source }
}
