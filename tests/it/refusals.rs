//! Every reason to say no is heard in some test.

use domain::refusal::Reason;

use crate::repository::rust_files;

#[test]
fn every_reason_to_say_no_is_heard_in_some_test() {
    let this_file = "tests/it/refusals.rs";
    let tests: Vec<String> = rust_files()
        .into_iter()
        .filter(|file| file.path.contains("tests/") && file.path != this_file)
        .map(|file| file.text)
        .collect();
    let names = |reason: &&Reason| {
        let name = format!("Reason::{reason:?}");
        // `Reason::NotFound` is not named by `Reason::NotFoundAgain`.
        let named = |text: &String| {
            text.match_indices(&name)
                .any(|(at, _)| !text[at + name.len()..].starts_with(|c: char| c.is_alphanumeric()))
        };
        tests.iter().any(named)
    };
    let silent: Vec<&Reason> = Reason::ALL.iter().filter(|reason| !names(reason)).collect();
    assert!(silent.is_empty(), "no test hears {silent:?}");
}
