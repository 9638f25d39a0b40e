//! Administrative divisions: provinces, prefectures and counties of the country, townships of four
//! provinces. What contains what is in the code.
//!
//! Serves DC-09 and the names shown for an area. Knows no place on the map.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fault::Fault;
use super::manifest::TableEntry;
use super::sheet::for_each_row;

/// A division with the names of what contains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Division<'a> {
    /// Six digits; nine for a township.
    pub code: String,
    pub name: &'a str,
    /// From the province down, without the division itself.
    pub within: Vec<&'a str>,
}

/// Names by code. A code is kept as a number: six and nine digits never meet.
#[derive(Debug, Default)]
pub(super) struct Divisions(BTreeMap<u32, Box<str>>);

/// Townships have three digits more than their county.
const TOWNSHIP: u32 = 1_000;

impl Divisions {
    pub fn read(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row((&table.file, bytes), &["code", "name"], faults, |row, faults| {
            let (code, name) = (row.required("code", faults), row.required("name", faults));
            let (Some(text), Some(name)) = (code, name) else { return };
            let Some(code) = number(text) else {
                faults.push(row.fault("code", "not a division code of six or nine digits"));
                return;
            };
            if self.0.insert(code, name.into()).is_some() {
                faults.push(row.fault("code", "listed twice"));
            } else if above(code).into_iter().any(|upper| !self.0.contains_key(&upper)) {
                faults.push(row.fault("code", "what contains it is not listed above it"));
            }
        });
    }

    pub fn find(&self, code: &str) -> Option<Division<'_>> {
        let number = number(code)?;
        let name = self.0.get(&number)?;
        let above = above(number);
        let within = above.iter().filter_map(|upper| self.0.get(upper)).map(|name| &**name);
        Some(Division { code: code.to_owned(), name, within: within.collect() })
    }

    /// The counties of a province, a prefecture or (itself) a county.
    pub fn counties_of(&self, code: &str) -> Vec<Division<'_>> {
        let Some(number) = number(code).filter(|number| *number < 1_000_000) else {
            return Vec::new();
        };
        let width = match number {
            n if n % 10_000 == 0 => 10_000,
            n if n % 100 == 0 => 100,
            _ => 1,
        };
        let inside = self.0.range(number..number.saturating_add(width));
        let counties = inside.filter(|(code, _)| **code % 100 != 0);
        counties.filter_map(|(code, _)| self.find(&code.to_string())).collect()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

fn number(code: &str) -> Option<u32> {
    let digits = matches!(code.len(), 6 | 9) && code.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| code.parse().ok()).flatten().filter(|number| *number >= 110_000)
}

/// Codes of what contains a division, the province first. Municipalities have no prefecture of
/// their own: `110101` lies in `110000`.
fn above(code: u32) -> Vec<u32> {
    let (county, is_township) =
        if code >= 1_000_000 { (code / TOWNSHIP, true) } else { (code, false) };
    let (province, prefecture) = (county / 10_000 * 10_000, county / 100 * 100);
    let mut all = vec![province];
    if prefecture != province && has_prefecture(county) {
        all.push(prefecture);
    }
    if is_township {
        all.push(county);
    }
    all.retain(|upper| *upper != code);
    all
}

/// Municipalities (11, 12, 31, 50) and counties under a province directly (xx90xx) have none.
fn has_prefecture(county: u32) -> bool {
    let (province, prefecture) = (county / 10_000, county / 100 % 100);
    !matches!(province, 11 | 12 | 31 | 50) && prefecture != 90
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contains_a_division_is_in_its_code() {
        for (code, uppers) in [
            (540_000, &[][..]),
            (540_100, &[540_000]),
            (540_102, &[540_000, 540_100]),
            (540_102_001, &[540_000, 540_100, 540_102]),
            (110_101, &[110_000]),
            (419_001, &[410_000]),
        ] {
            assert_eq!(above(code), uppers, "{code}");
        }
        for text in ["", "54010", "5401021", "54010x", "000000"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
