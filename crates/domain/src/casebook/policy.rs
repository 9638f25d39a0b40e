//! The policy of a case: the shipped one of its area, with the figures, modes and severities that the case changes.
//!
//! Changed figures become assumed: a case is no source.

use chrono::NaiveDate;
use toml::{Table, Value};

use super::{Library, RuleCase};
use crate::institution::PoolingArea;
use crate::region::Region;

/// The policy of the case's area on a day. Refused: none is shipped, or the change makes it invalid.
pub fn of_case(
    case: &RuleCase,
    area: &PoolingArea,
    library: &Library,
    day: NaiveDate,
) -> Result<Region, String> {
    let shipped = library.regions.on(area, day);
    let shipped = shipped.ok_or_else(|| format!("no policy of {} on {day}", case.area))?;
    if case.figures.is_empty() && case.modes.is_empty() && case.severities.is_empty() {
        return Ok(shipped.clone());
    }
    let is_it =
        |file: &&String| Region::parse(file, &shipped.digest).is_ok_and(|read| read == *shipped);
    let text = library.policies.iter().find(is_it).ok_or("the policy's text is not given")?;
    let mut file: Table = text.parse().map_err(|error| format!("{error}"))?;
    for (path, value) in &case.figures {
        let keys: Vec<&str> = path.split('.').collect();
        set(&mut file, &keys, assumed(value.clone()));
    }
    for (key, rules) in [("mode", &case.modes), ("severity", &case.severities)] {
        for (rule, value) in rules {
            set(&mut file, &["rules", rule, key], assumed(Value::String(value.clone())));
        }
    }
    Region::of_table(file, &shipped.digest).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        faults.join("; ")
    })
}

fn assumed(value: Value) -> Value {
    let mut figure = Table::new();
    figure.insert("value".to_owned(), value);
    figure.insert("assumed".to_owned(), Value::Boolean(true));
    Value::Table(figure)
}

fn set(table: &mut Table, path: &[&str], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        table.insert((*first).to_owned(), value);
        return;
    }
    let inner = table.entry(*first).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(inner) = inner {
        set(inner, rest, value);
    }
}
