//! Disease words of restriction texts and the diagnosis codes that a patient with the disease may
//! bear.
//!
//! Curated for this gateway, not an official mapping. Generous: a code that is not among them counts
//! as a contradiction.

use super::is_prefix;

/// The words, longer ones first.
#[derive(Debug, Default)]
pub struct Terms(Vec<(Box<str>, Vec<Box<str>>)>);

impl Terms {
    /// Adds a word; refused when it has no code or a wrong one.
    pub fn add(&mut self, term: &str, prefixes: &str) -> Result<(), &'static str> {
        let codes: Vec<Box<str>> = prefixes.split_whitespace().map(Box::from).collect();
        if codes.is_empty() || !codes.iter().all(|code| is_prefix(code)) {
            return Err("not the beginnings of diagnosis codes, a space between them");
        }
        if self.0.iter().any(|(have, _)| **have == *term) {
            return Err("listed twice");
        }
        self.0.push((term.into(), codes));
        // Longer words first: 非小细胞肺癌 before 肺癌.
        self.0.sort_by(|a, b| b.0.chars().count().cmp(&a.0.chars().count()).then(a.0.cmp(&b.0)));
        Ok(())
    }
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Box<str>])> {
        self.0.iter().map(|(term, codes)| (&**term, codes.as_slice()))
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
