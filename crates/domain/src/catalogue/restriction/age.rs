//! Ages in the text of a restriction: `≥18周岁`, `6岁及以上`, `3-12岁`, `成人和5岁及以上儿童`.
//!
//! Bounds are only as narrow as every group that is named. Weeks and months are no ages here.

use super::Condition;

/// Age bounds, and the text without the words that state them. Several groups of age widen the
/// bounds; children beside adults without an age leave none.
pub(super) fn ages(text: &str) -> (String, Vec<Condition>) {
    let adults = ["成人", "成年"].iter().any(|word| text.contains(word));
    let minors = ["儿童", "青少年", "新生儿"].iter().any(|word| text.contains(word))
        && !text.contains("儿童期");
    let (left, bounds) = stated_ages(text);
    let mut left = left;
    for word in ["成人", "成年人", "成年", "儿童", "青少年", "人群"] {
        left = left.replace(word, "");
    }
    let lower = match (bounds.iter().map(|(from, _)| *from).min(), adults, minors) {
        (Some(from), true, _) => from.min(18),
        (Some(from), false, _) => from,
        (None, true, false) => 18,
        (None, _, _) => 0,
    };
    let upper = match (adults, bounds.iter().map(|(_, to)| *to).max()) {
        (true, _) => None,
        (false, Some(to)) => to_bound(&bounds, to),
        (false, None) => minors.then_some(18),
    };
    let mut all = Vec::new();
    if lower > 0 && !(adults && minors && bounds.is_empty()) {
        all.push(Condition::AgeFrom(lower));
    }
    all.extend(upper.map(Condition::AgeBelow));
    (left, all)
}

/// No upper bound where one of the groups has none.
fn to_bound(bounds: &[(u8, u8)], greatest: u8) -> Option<u8> {
    let open = bounds.iter().any(|(_, to)| *to == u8::MAX);
    (!open).then_some(greatest)
}

/// `≥18周岁`, `6岁及以上`, `3-12岁`, `2岁至<18岁`: pairs of from and below, 255 for no bound; weeks and
/// months are not ages here.
fn stated_ages(text: &str) -> (String, Vec<(u8, u8)>) {
    let mut left = text.to_owned();
    let mut bounds = Vec::new();
    while let Some((start, end, bound)) = stated_age(&left) {
        bounds.push(bound);
        left.replace_range(start..end, "");
    }
    (left, bounds)
}

fn stated_age(text: &str) -> Option<(usize, usize, (u8, u8))> {
    let at = text.find('岁')?;
    let mut end = at + '岁'.len_utf8();
    let head = text.get(..at)?;
    let head = head.strip_suffix('周').unwrap_or(head);
    let digits = head.chars().rev().take_while(char::is_ascii_digit).count();
    let mut start = head.len() - digits;
    let number: u8 = head.get(start..)?.parse().ok()?;
    let before = head.get(..start)?;
    let tail = text.get(end..)?;
    for (word, closed) in [("及以上", true), ("以上", true), ("(含)以上", true)] {
        if tail.starts_with(word) && closed {
            end += word.len();
            return Some((start, end, (number, u8::MAX)));
        }
    }
    for word in ["及以下", "以下"] {
        if tail.starts_with(word) {
            end += word.len();
            return Some((start, end, (0, number.saturating_add(1))));
        }
    }
    if let Some(second) = tail.strip_prefix('至').or_else(|| tail.strip_prefix('-')) {
        let bare = second.trim_start_matches(['<', '≤']);
        let more: String = bare.chars().take_while(char::is_ascii_digit).collect();
        let after = bare.get(more.len()..)?.trim_start_matches('周');
        if let (Ok(to), Some(rest)) = (more.parse::<u8>(), after.strip_prefix('岁')) {
            let strict = second.starts_with('<');
            let to = if strict { to } else { to.saturating_add(1) };
            return Some((start, text.len() - rest.len(), (number, to)));
        }
    }
    if let Some(range) = before.strip_suffix(['-', '~', '至', '到']) {
        let digits = range.chars().rev().take_while(char::is_ascii_digit).count();
        let from = range.len() - digits;
        if let Some(low) = range.get(from..).and_then(|low| low.parse().ok()) {
            return Some((from, end, (low, number.saturating_add(1))));
        }
    }
    let (sign, bound) = match before.chars().next_back() {
        Some('≥' | '>') => (true, (number, u8::MAX)),
        Some('<') => (true, (0, number)),
        Some('≤') => (true, (0, number.saturating_add(1))),
        _ => (false, (0, u8::MAX)),
    };
    if sign {
        start -= before.chars().next_back().map_or(0, char::len_utf8);
    }
    Some((start, end, bound))
}
