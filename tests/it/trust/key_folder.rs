//! The key folder: made once, complete or not at all, closed to others, and never shown.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use rxgate::trust::keys::{Key, Keys};
use rxgate::trust::randomness::Randomness;
use rxgate::trust::sealed::{Place, Sealer};
use rxgate::trust::token::{TokenMaker, TokenReader, TokenTerms};

const FILES: [&str; 5] = ["wrapping.key", "index.key", "secrets.key", "pickup.key", "token.key"];

fn made(at: &Path) -> Keys {
    Keys::load_or_create(at, &Randomness::system()).expect("keys")
}
fn ids(keys: &Keys) -> Vec<String> {
    keys.all().map(|key| key.id().to_string()).collect()
}
fn fault(at: &Path) -> String {
    Keys::load(at).expect_err("refused").to_string()
}
fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}
fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("mode");
}
fn rewrite(path: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).expect("text");
    fs::write(path, change(&text)).expect("written");
}

#[test]
fn the_first_start_makes_keys_that_the_next_start_finds() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("data").join("keys");
    let first = made(&folder);
    assert_eq!(ids(&made(&folder)), ids(&first));
    assert_eq!(ids(&Keys::load(&folder).expect("keys")), ids(&first));
    assert_eq!(mode(&folder), 0o700);
    assert!(FILES.iter().all(|name| mode(&folder.join(name)) == 0o600));
    let left = fs::read_dir(folder.parent().expect("parent")).expect("entries").count();
    assert_eq!(left, 1, "nothing half-made is left beside the folder");
}

#[test]
fn processes_that_start_together_use_the_same_keys() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("keys");
    let all: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| ids(&made(&folder)))).collect();
        starts.into_iter().map(|start| start.join().expect("started")).collect()
    });
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(fs::read_dir(home.path()).expect("entries").count(), 1);
}

#[test]
fn production_makes_no_keys() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("keys");
    assert!(fault(&folder).contains("is missing: restore"), "{}", fault(&folder));
    assert!(!folder.exists());
}

#[test]
fn a_lost_key_is_never_replaced_by_a_new_one() {
    for name in FILES {
        let home = tempfile::tempdir().expect("folder");
        let folder = home.path().join("keys");
        made(&folder);
        fs::remove_file(folder.join(name)).expect("removed");
        let refused = Keys::load_or_create(&folder, &Randomness::system()).expect_err("refused");
        assert!(refused.to_string().contains(&format!("{name} is missing")), "{refused}");
    }
}

#[test]
fn keys_open_to_other_users_are_refused() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("keys");
    made(&folder);
    let cases = [(0o604, false), (0o644, false), (0o660, false), (0o601, false), (0o640, true)];
    for (mode, accepted) in cases {
        set_mode(&folder.join("index.key"), mode);
        assert_eq!(Keys::load(&folder).is_ok(), accepted, "mode {mode:o}");
    }
    set_mode(&folder, 0o755);
    assert!(fault(&folder).contains("open to other users"), "{}", fault(&folder));
}

#[test]
fn a_malformed_key_file_is_refused_without_showing_it() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("keys");
    made(&folder);
    let path = folder.join("index.key");
    let good = fs::read_to_string(&path).expect("text");
    let first = good.split_at(1).0;
    let bad = [
        "",
        "# lost\n",
        good.split_at(2).1,
        &good.replacen(first, "x", 1),
        &format!("{good}{good}"),
    ];
    for text in bad {
        fs::write(&path, text).expect("written");
        let told = fault(&folder);
        assert!(
            told.contains("must hold exactly one line") || told.contains("one or more"),
            "{told}"
        );
        assert!(!told.contains(good.split_at(8).0) && !told.contains('\n'), "{told}");
    }
}

#[test]
fn one_key_for_two_purposes_is_refused() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("keys");
    made(&folder);
    fs::copy(folder.join("index.key"), folder.join("pickup.key")).expect("copied");
    assert!(fault(&folder).contains("a key of its own"), "{}", fault(&folder));
}

#[test]
fn a_new_first_line_rotates_a_key_and_the_old_one_is_still_read() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("keys");
    let old = made(&folder);
    let new_line = HEXLOWER.encode(&[9; 32]);
    rewrite(&folder.join("wrapping.key"), |text| format!("# rotated\n{new_line}\n\n{text}"));
    let rotated = Keys::load(&folder).expect("keys");
    assert_eq!(rotated.wrapping.current.id(), Key::new([9; 32]).id());

    let record = Sealer::new(&old, Randomness::system()).expect("SM4");
    let record = record.seal_record("person", 1, &[("name", b"X")]).expect("sealed");
    let place = Place { table: "person", row: 1, column: "name" };
    let opened = Sealer::new(&rotated, Randomness::system()).expect("SM4");
    assert_eq!(opened.open(place, &record.wrapped_key, &record.fields[0]), Ok(b"X".to_vec()));
}

#[test]
fn no_debug_text_shows_a_key() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("keys");
    let keys = made(&folder);
    let terms = TokenTerms { issuer: "i".into(), audience: "a".into(), lifetime_s: 60 };
    let shown = format!(
        "{keys:?} {keys:#?} {:?} {:?} {:?}",
        Sealer::new(&keys, Randomness::system()).expect("SM4"),
        TokenReader::new(&keys, &terms),
        TokenMaker::new(&keys, terms, Randomness::system()),
    );
    for name in FILES {
        let text = fs::read_to_string(folder.join(name)).expect("text");
        let bytes = HEXLOWER.decode(text.trim().as_bytes()).expect("hex");
        // Neither as hexadecimal text nor as a list of numbers.
        let numbers = format!("{:?}", &bytes[..4]);
        assert!(!shown.contains(text.split_at(8).0), "{name}");
        assert!(!shown.contains(numbers.trim_matches(['[', ']'])), "{name}");
    }
}
