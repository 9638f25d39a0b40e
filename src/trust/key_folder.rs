//! Where the keys are kept: a folder with one file per purpose, closed to other users of the
//! machine.
//!
//! A file holds one key per line, 64 hexadecimal characters; `#` begins a remark. In `wrapping.key`
//! and `token.key` the first line is in use and the following ones are retired but still read.
//! Knows nothing of what a key does.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::keys::{KEY, Key, KeyRing, Keys};
use super::randomness::{NoRandomness, Randomness};

const FILES: [&str; 5] = ["wrapping.key", "index.key", "secrets.key", "pickup.key", "token.key"];
/// Others may do nothing; the group may read (a service account under root's files), not write.
const FORBIDDEN_MODE: u32 = 0o027;

/// Why there are no keys, in one line that says what to do. Never shows the content of a file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    #[error("{0} is missing: restore it from its backup; a new key opens nothing sealed before")]
    Missing(PathBuf),
    #[error("{0} is open to other users of this machine: run chmod o-rwx,g-w on it")]
    Open(PathBuf),
    #[error("{0} must hold {1} of 64 hexadecimal characters: restore it from its backup")]
    Malformed(PathBuf, &'static str),
    #[error("two key files in {0} hold the same key: every purpose needs a key of its own")]
    Repeated(PathBuf),
    #[error("{0} cannot be used as a key folder or file: {1}")]
    Io(PathBuf, io::Error),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Keys {
    /// The keys of a folder. Makes nothing: a missing file is an error, as is one that others may
    /// read.
    pub fn load(folder: &Path) -> Result<Keys, KeyFault> {
        let metadata = fs::metadata(folder).map_err(|fault| fault_at(folder, fault))?;
        refuse_open(folder, &metadata)?;
        let [wrapping, index, secrets, pickup, token] = FILES.map(|name| folder.join(name));
        let keys = Keys {
            wrapping: ring(&wrapping)?,
            index: single(&index)?,
            secrets: single(&secrets)?,
            pickup: single(&pickup)?,
            token: ring(&token)?,
        };
        let mut ids: Vec<_> = keys.all().map(Key::id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(KeyFault::Repeated(folder.to_owned()));
        }
        Ok(keys)
    }

    /// The keys of a folder, made at the first start, when it is absent or empty: for the embedded
    /// default. All files appear at once or not at all; of two processes that start together both
    /// use the same keys.
    pub fn load_or_create(folder: &Path, randomness: &Randomness) -> Result<Keys, KeyFault> {
        let absent = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(fault) if fault.kind() == ErrorKind::NotFound => true,
            Err(fault) => return Err(fault_at(folder, fault)),
        };
        if absent {
            create(folder, randomness)?;
        }
        Keys::load(folder)
    }
}

/// Writes the files beside the folder and moves them into place together.
fn create(folder: &Path, randomness: &Randomness) -> Result<(), KeyFault> {
    // A path of one component has the empty parent, which is the working directory.
    let parent = folder.parent().filter(|path| *path != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|fault| fault_at(parent, fault))?;
    let mut fresh = folder.as_os_str().to_owned();
    fresh.push(format!(
        ".new-{}-{}",
        std::process::id(),
        HEXLOWER.encode(&randomness.bytes::<4>()?)
    ));
    let fresh = PathBuf::from(fresh);
    let made = fill(&fresh, randomness).and_then(|()| {
        fs::rename(&fresh, folder).or_else(lost_race).map_err(|fault| fault_at(folder, fault))
    });
    // Nothing is left there after a rename; after a fault, unused keys must not lie about.
    if let Err(fault) = fs::remove_dir_all(&fresh)
        && fault.kind() != ErrorKind::NotFound
    {
        return made.and(Err(fault_at(&fresh, fault)));
    }
    made?;
    sync(parent)
}

/// Another process put its keys there first: they are the ones to use.
fn lost_race(fault: io::Error) -> io::Result<()> {
    match fault.kind() {
        ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => Ok(()),
        _ => Err(fault),
    }
}

fn fill(fresh: &Path, randomness: &Randomness) -> Result<(), KeyFault> {
    DirBuilder::new().mode(0o700).create(fresh).map_err(|fault| fault_at(fresh, fault))?;
    for name in FILES {
        let path = fresh.join(name);
        let key = Zeroizing::new(randomness.bytes::<KEY>()?);
        let text = Zeroizing::new(HEXLOWER.encode(&*key) + "\n");
        write_new(&path, text.as_bytes()).map_err(|fault| fault_at(&path, fault))?;
    }
    sync(fresh)
}

fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

fn sync(folder: &Path) -> Result<(), KeyFault> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|fault| fault_at(folder, fault))
}

fn single(path: &Path) -> Result<Key, KeyFault> {
    let ring = ring(path)?;
    if ring.retired.is_empty() {
        return Ok(ring.current);
    }
    Err(KeyFault::Malformed(path.to_owned(), "exactly one line"))
}

fn ring(path: &Path) -> Result<KeyRing, KeyFault> {
    let mut file = File::open(path).map_err(|fault| fault_at(path, fault))?;
    // The opened file is judged, not the path, which could change in between.
    refuse_open(path, &file.metadata().map_err(|fault| fault_at(path, fault))?)?;
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(|fault| fault_at(path, fault))?;
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let keys: Option<Vec<Key>> = lines.map(key).collect();
    let mut keys = keys.unwrap_or_default().into_iter();
    match keys.next() {
        Some(current) => Ok(KeyRing { current, retired: keys.collect() }),
        None => Err(KeyFault::Malformed(path.to_owned(), "one or more lines")),
    }
}

fn key(line: &str) -> Option<Key> {
    let bytes = Zeroizing::new(HEXLOWER_PERMISSIVE.decode(line.as_bytes()).ok()?);
    bytes.as_slice().try_into().ok().map(Key::new)
}

fn refuse_open(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyFault> {
    match metadata.permissions().mode() & FORBIDDEN_MODE {
        0 => Ok(()),
        _ => Err(KeyFault::Open(path.to_owned())),
    }
}

fn fault_at(path: &Path, fault: io::Error) -> KeyFault {
    match fault.kind() {
        ErrorKind::NotFound => KeyFault::Missing(path.to_owned()),
        _ => KeyFault::Io(path.to_owned(), fault),
    }
}
