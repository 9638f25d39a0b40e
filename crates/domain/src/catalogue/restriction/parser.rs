//! From the text of a payment restriction to conditions: a pure, versioned parser that would rather
//! understand too little than too much.
//!
//! Serves CAT-10. It knows a few fixed phrases and a table of disease words; a piece of the text that
//! it does not know makes a list of diagnoses open (not exhaustive) and is marked as rest.

use unicode_normalization::UnicodeNormalization;

use super::Condition;
use super::age::ages;
use super::terms::Terms;
use super::words::{AND, OPENING, OR, QUALIFIERS};
use crate::prescription::Sex;

/// Raised whenever the parser reads a text otherwise.
pub const PARSER_VERSION: u32 = 1;

/// Stands in a text for a disease word that was taken out.
const TAKEN: char = '\u{1}';

/// The alternatives of a text, never empty. Deterministic; the same text and terms give the same.
pub fn parse(text: &str, terms: &Terms) -> Vec<Vec<Condition>> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    if text.starts_with("限工伤保险") {
        return vec![vec![Condition::WorkInjury]];
    }
    if text.starts_with("限生育保险") {
        return vec![vec![Condition::Maternity]];
    }
    let (text, mut common) = common(text);
    let (choices, provisos) = choices(&text);
    if provisos.iter().any(|proviso| !proviso.is_empty()) {
        let all = provisos.concat();
        common.extend(first_prescription(&all));
        common.push(Condition::Rest);
    }
    let mut alternatives: Vec<Vec<Condition>> =
        choices.iter().map(|choice| alternative(choice, terms)).collect();
    if alternatives.is_empty() {
        alternatives.push(Vec::new());
    }
    for all in &mut alternatives {
        for condition in &common {
            add(all, condition.clone());
        }
        if all.is_empty() {
            all.push(Condition::Rest);
        }
        // What is not understood comes last.
        all.sort_by_key(|condition| *condition == Condition::Rest);
    }
    alternatives.dedup();
    alternatives
}

fn add(to: &mut Vec<Condition>, condition: Condition) {
    if !to.contains(&condition) {
        to.push(condition);
    }
}

/// Sentences that bind every alternative: days that are paid, and nutrition risk.
fn common(text: String) -> (String, Vec<Condition>) {
    let mut conditions = Vec::new();
    let mut kept = Vec::new();
    for sentence in text.split_inclusive('。') {
        if sentence.contains("营养风险") {
            if sentence.contains("住院患者") {
                conditions.push(Condition::Inpatient);
            }
            conditions.push(Condition::Rest);
            continue;
        }
        kept.push(sentence);
    }
    let mut text = kept.concat();
    for lead in [",支付不超过", "支付不超过", ",单次住院最多支付", "单次住院最多支付"]
    {
        let Some((before, after)) = text.split_once(lead) else { continue };
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        let Some(rest) = after.strip_prefix(&*digits).and_then(|rest| rest.strip_prefix('天'))
        else {
            continue;
        };
        if let Ok(days) = digits.parse() {
            conditions.push(Condition::Days(days));
            text = format!("{before}{rest}");
        }
    }
    (text, conditions)
}

/// A text cut into alternatives, and the sentences that add something to all of them.
fn choices(text: &str) -> (Vec<String>, Vec<String>) {
    let mut choices = Vec::new();
    let mut provisos = Vec::new();
    for (at, sentence) in text.split('。').enumerate() {
        let pieces: Vec<&str> = sentence.split([';', '；']).flat_map(numbered).collect();
        for (place, piece) in pieces.iter().enumerate() {
            let bare = piece.trim_start_matches("限").trim_matches([':', '：', ',', '、']);
            if bare.is_empty() {
                continue;
            }
            let opens = at == 0 || piece.starts_with('限') || starts_numbered(sentence);
            let is_head = place == 0 && pieces.len() > 1 && piece.ends_with(':');
            if opens && !is_head {
                choices.push(bare.to_owned());
            } else {
                provisos.push(bare.to_owned());
            }
        }
    }
    (choices, provisos)
}

/// Cut before `1.`, `2.` …; a decimal such as `1.5` is no such mark.
fn numbered(text: &str) -> Vec<&str> {
    let marks = text.char_indices().filter(|(at, c)| c.is_ascii_digit() && is_mark(text, *at));
    let mut cuts: Vec<usize> = marks.map(|(at, _)| at).collect();
    cuts.insert(0, 0);
    cuts.dedup();
    let ends = cuts.iter().skip(1).copied().chain(std::iter::once(text.len()));
    let pieces = cuts.iter().zip(ends).filter_map(|(from, to)| text.get(*from..to));
    pieces.map(without_mark).collect()
}

fn without_mark(piece: &str) -> &str {
    if !is_mark(piece, 0) {
        return piece;
    }
    piece.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('.')
}

/// At a number's first digit, after a stop or at the start: `1.` or `1、` and no digit after it.
fn is_mark(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    if before.is_some_and(|c| !matches!(c, ':' | ';' | ',' | '限' | '。' | '者' | '下')) {
        return false;
    }
    let text = text.get(at..).unwrap_or("");
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut after = rest.chars();
    text.len() > rest.len()
        && after.next() == Some('.')
        && after.next().is_some_and(|c| !c.is_ascii_digit())
}

fn starts_numbered(sentence: &str) -> bool {
    sentence.chars().next().is_some_and(|c| c.is_ascii_digit()) && is_mark(sentence, 0)
}

fn first_prescription(text: &str) -> Option<Condition> {
    (text.contains("首次处方") && text.contains("专科医师")).then_some(Condition::SpecialistFirst)
}

/// One alternative: the fixed phrases, then the diseases, then whether anything is left over.
fn alternative(text: &str, terms: &Terms) -> Vec<Condition> {
    let mut all = Vec::new();
    let mut text = text.to_owned();
    if let Some((head, tail)) = text.split_once(",首次处方") {
        all.extend(first_prescription(&format!("首次处方{tail}")));
        add(&mut all, Condition::Rest);
        text = head.to_owned();
    }
    for (phrase, condition) in phrases() {
        if text.contains(phrase) {
            add(&mut all, condition);
            text = text.replacen(phrase, "", 1);
        }
    }
    let (left, age) = ages(&text);
    all.extend(age);
    for (word, sex) in [("女性", Sex::Female), ("妇女", Sex::Female), ("男性", Sex::Male)] {
        let both = text.contains("女性") && text.contains("男性");
        if left.contains(word) && !both {
            add(&mut all, Condition::Sex(sex));
        }
    }
    let (diagnosis, rest) = diseases(left, terms);
    all.extend(diagnosis);
    if rest {
        add(&mut all, Condition::Rest);
    }
    all
}

fn phrases() -> [(&'static str, Condition); 10] {
    [
        ("三级医疗机构", Condition::Level(3)),
        ("二级及以上医疗机构", Condition::Level(2)),
        ("三线用药", Condition::Line(3)),
        ("三线治疗", Condition::Line(3)),
        ("二线用药", Condition::Line(2)),
        ("二线治疗", Condition::Line(2)),
        ("的一线治疗", Condition::Line(1)),
        ("急救、抢救", Condition::Emergency),
        ("急救抢救", Condition::Emergency),
        ("住院患者", Condition::Inpatient),
    ]
}

/// The diagnoses of an alternative, and whether anything is left that was not understood.
fn diseases(mut text: String, terms: &Terms) -> (Option<Condition>, bool) {
    let mut prefixes: Vec<Box<str>> = Vec::new();
    for (term, codes) in terms.iter() {
        if text.contains(term) {
            text = text.replace(term, &TAKEN.to_string());
            prefixes.extend(
                codes.iter().filter(|code| !prefixes.contains(code)).cloned().collect::<Vec<_>>(),
            );
        }
    }
    text = without_brackets(&text);
    let opened = OPENING.iter().any(|word| text.contains(word));
    let main = AND.iter().filter_map(|word| text.find(word)).min().unwrap_or(text.len());
    let (head, further) = text.split_at(main);
    let pieces: Vec<String> = head.split(OR).map(without_qualifiers).collect();
    let taken = TAKEN.to_string();
    let unknown = pieces.iter().any(|piece| !piece.is_empty() && !piece.contains(TAKEN));
    let more = pieces.iter().any(|piece| !piece.is_empty() && *piece != taken);
    let rest = unknown || more || !further.is_empty();
    if prefixes.is_empty() {
        return (None, rest);
    }
    prefixes.sort();
    let exhaustive = !unknown && !opened && head.contains(TAKEN);
    (Some(Condition::Diagnosis { prefixes: prefixes.into(), exhaustive }), rest)
}

/// Brackets hold abbreviations and thresholds.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 || c == TAKEN => kept.push(c),
            _ => {}
        }
    }
    kept
}

fn without_qualifiers(piece: &str) -> String {
    let mut words: Vec<&str> = QUALIFIERS.to_vec();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let mut left = piece.to_owned();
    for word in words {
        left = left.replace(word, "");
    }
    left.trim_matches([':', '.', ',']).to_owned()
}
