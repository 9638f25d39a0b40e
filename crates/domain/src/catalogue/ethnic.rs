//! The ethnic medicines of the national list, marked in their editions.
//!
//! Serves CAT-04, 06: the list of them may not class a drug otherwise than the edition does.

use std::collections::HashSet;
use std::sync::Arc;

use super::drugs::CLASSES;
use super::fault::Fault;
use super::item::{Class, EthnicGroup, Item};
use super::manifest::TableEntry;
use super::names;
use super::sheet::for_each_row;

const GROUPS: &[(&str, EthnicGroup)] = &[
    ("tibetan", EthnicGroup::Tibetan),
    ("mongolian", EthnicGroup::Mongolian),
    ("uyghur", EthnicGroup::Uyghur),
];

/// Marks the items of every edition that the table names, and counts its rows.
pub(super) fn mark(
    (table, bytes): (&TableEntry, &[u8]),
    gathered: &mut [Vec<Item>],
    faults: &mut Vec<Fault>,
) -> usize {
    let mut seen: HashSet<String> = HashSet::new();
    for_each_row((&table.file, bytes), &["group", "name", "class"], faults, |row, faults| {
        let group = row.one_of("group", GROUPS, faults);
        let class = row.one_of("class", CLASSES, faults);
        let name = row.required("name", faults);
        let (Some(group), Some(class), Some(name)) = (group, class, name) else { return };
        let name = names::normal(name).into_owned();
        if seen.contains(&name) {
            faults.push(row.fault("name", "listed twice"));
            return;
        }
        match mark_one(gathered, &name, group, class) {
            Marked::Alike => {}
            Marked::Nowhere => faults.push(row.fault("name", "in no national edition")),
            Marked::Altered(edition) => faults.push(row.fault(
                "class",
                format!("differs from edition {edition}: a class may not be altered (CAT-04)"),
            )),
        }
        seen.insert(name);
    });
    seen.len()
}

enum Marked {
    Alike,
    Nowhere,
    Altered(Arc<str>),
}

fn mark_one(gathered: &mut [Vec<Item>], name: &str, group: EthnicGroup, class: Class) -> Marked {
    let mut result = Marked::Nowhere;
    let named = |item: &&mut Item| {
        item.part.is_chinese_patent() && item.names.iter().any(|have| **have == *name)
    };
    for item in gathered.iter_mut().flatten().filter(named) {
        item.ethnic_group = Some(group);
        if item.class != Some(class) {
            return Marked::Altered(item.edition.clone());
        }
        result = Marked::Alike;
    }
    result
}
