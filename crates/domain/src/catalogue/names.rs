//! Names of drugs in matching form, and the names that one printed name stands for.
//!
//! Serves RX-07, RX-08. The editions print brackets, Roman numerals and spaces differently; NFKC
//! (Unicode TR 15) makes them one. Knows no forms of single drugs beyond the short words used
//! inside brackets.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Matching form: NFKC, no white space, every bracket round, ASCII letters upper case.
pub fn normal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    if text.chars().all(|c| is_plain(c) || c.is_ascii_lowercase() || c == ' ') {
        let kept = text.chars().filter(|c| *c != ' ');
        return Cow::Owned(kept.map(|c| c.to_ascii_uppercase()).collect());
    }
    let folded = text.nfkc().filter(|c| !c.is_whitespace() && !c.is_control()).map(|c| match c {
        '[' | '{' | '〔' | '【' | '〈' | '《' => '(',
        ']' | '}' | '〕' | '】' | '〉' | '》' => ')',
        other => other.to_ascii_uppercase(),
    });
    Cow::Owned(folded.collect())
}

/// Characters that are in matching form already: most names are, and cost no allocation.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | 'A'..='Z' | '0'..='9' | '(' | ')' | '-' | '/' | '.' | '+')
}

/// Form words that may stand in the brackets of a Chinese patent medicine: `银黄片(胶囊、颗粒)` is three
/// medicines. Longer words first, so that `软胶囊` is not read as `胶囊`.
const BRACKET_FORMS: &[&str] = &[
    "肠溶胶囊",
    "口服乳液",
    "注射液",
    "口服液",
    "软胶囊",
    "分散片",
    "肠溶片",
    "气雾剂",
    "喷雾剂",
    "软化膏",
    "浓缩丸",
    "水蜜丸",
    "颗粒",
    "胶囊",
    "合剂",
    "糖浆",
    "滴丸",
    "煎膏",
    "软膏",
    "凝胶",
    "乳膏",
    "膏剂",
    "栓",
    "片",
    "丸",
    "散",
    "液",
    "膏",
    "露",
    "水",
    "酊",
    "饮",
];

/// Trailing brackets that describe the product and are no other name of it.
const DESCRIPTIONS: &[&str] =
    &["静脉输注", "皮下注射", "冻干", "预充式", "蜜炼", "局方", "人参方", "党参方", "甘油"];

/// All names that `printed` stands for, in matching form: the parts joined by `、`, the forms in
/// brackets, and a second name in a trailing bracket. The whole printed text is a name too.
pub fn expand(printed: &str) -> Vec<Box<str>> {
    let whole = normal(printed);
    let mut names: Vec<Box<str>> = Vec::new();
    for part in split_outside_brackets(&whole) {
        stand_for(part, &mut names);
    }
    add(&mut names, whole.into_owned());
    names
}

fn add(names: &mut Vec<Box<str>>, name: String) {
    if !name.is_empty() && !names.iter().any(|have| **have == *name) {
        names.push(name.into_boxed_str());
    }
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == '、' && depth <= 0
    })
    .collect()
}

/// One printed part: with forms in brackets, a second character, a second name, or plain.
fn stand_for(name: &str, names: &mut Vec<Box<str>>) {
    let Some((head, inside, tail)) = first_bracket(name) else {
        return add(names, name.to_owned());
    };
    if inside.split('、').all(|word| BRACKET_FORMS.contains(&word)) {
        add(names, format!("{head}{tail}"));
        let stem = without_form(head);
        for word in inside.split('、') {
            add(names, format!("{stem}{word}{tail}"));
        }
        return;
    }
    let mut letters = head.chars();
    if inside.chars().count() == 1 && !inside.is_ascii() && letters.next_back().is_some() {
        add(names, format!("{head}{tail}"));
        return add(names, format!("{}{inside}{tail}", letters.as_str()));
    }
    add(names, name.to_owned());
    if let Some((head, other)) = trailing_bracket(name)
        && is_another_name(other)
    {
        add(names, head.to_owned());
        add(names, other.trim_start_matches("又称:").to_owned());
    }
}

fn without_form(head: &str) -> &str {
    BRACKET_FORMS.iter().find_map(|word| head.strip_suffix(word)).unwrap_or(head)
}

fn is_another_name(inside: &str) -> bool {
    let chinese = inside.chars().filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}')).count();
    chinese >= 2
        && !DESCRIPTIONS.contains(&inside)
        && !["细胞", "型"].iter().any(|end| inside.ends_with(end))
        && !["不含", "指", "含"].iter().any(|start| inside.starts_with(start))
}

/// `head(inside)tail` at the first outermost bracket.
fn first_bracket(name: &str) -> Option<(&str, &str, &str)> {
    let open = name.find('(')?;
    let (head, rest) = (name.get(..open)?, name.get(open + 1..)?);
    let mut depth = 1_i32;
    for (at, c) in rest.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 {
            return Some((head, rest.get(..at)?, rest.get(at + 1..)?));
        }
    }
    None
}

/// `head(inside)` where the outermost bracket ends the name.
pub fn trailing_bracket(name: &str) -> Option<(&str, &str)> {
    let body = name.strip_suffix(')')?;
    let mut depth = 1_i32;
    for (at, c) in body.char_indices().rev() {
        depth += i32::from(c == ')') - i32::from(c == '(');
        if depth == 0 {
            return Some((body.get(..at)?, body.get(at + 1..)?))
                .filter(|(head, _)| !head.is_empty());
        }
    }
    None
}

/// Kinds of pills that the list takes as 丸 (general rule 9).
const PILLS: &[&str] = &["浓缩丸", "水蜜丸", "大蜜丸", "小蜜丸", "蜜丸", "水丸", "糊丸", "微丸"];

/// `六味地黄丸(浓缩丸)` → `六味地黄丸`.
pub fn without_pill_kind(name: &str) -> Option<&str> {
    let (head, inside) = trailing_bracket(name)?;
    (head.ends_with('丸') && PILLS.contains(&inside)).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_numerals_and_spaces_of_both_editions_are_one() {
        for text in ["复方氨基酸（18AA－Ⅱ）", "复方氨基酸(18AA-II)", " 复方氨基酸［18aa-Ⅱ］ "]
        {
            assert_eq!(normal(text), "复方氨基酸(18AA-II)", "{text}");
        }
    }

    #[test]
    fn a_printed_name_stands_for_all_its_names() {
        let cases: &[(&str, &[&str])] = &[
            ("银黄片（胶囊、颗粒）", &["银黄片", "银黄胶囊", "银黄颗粒"]),
            ("咳喘宁、咳喘宁片(胶囊)", &["咳喘宁", "咳喘宁片", "咳喘宁胶囊"]),
            ("生脉片(颗粒)(党参方)", &["生脉片(党参方)", "生脉颗粒(党参方)"]),
            ("雷公藤多苷[甙]片", &["雷公藤多苷片", "雷公藤多甙片"]),
            ("美沙拉秦(美沙拉嗪)", &["美沙拉秦", "美沙拉嗪"]),
            ("格列齐特、格列齐特Ⅱ", &["格列齐特", "格列齐特II"]),
            ("法维拉韦片(又称:法匹拉韦片)", &["法维拉韦片", "法匹拉韦片"]),
        ];
        for (printed, wanted) in cases {
            let names = expand(printed);
            for name in *wanted {
                assert!(names.iter().any(|have| **have == **name), "{printed}: {names:?}");
            }
        }
    }

    #[test]
    fn a_description_in_brackets_is_no_other_name() {
        for printed in
            ["紫杉醇(白蛋白结合型)", "人用狂犬病疫苗(Vero细胞)", "曲妥珠单抗注射液(皮下注射)"]
        {
            assert_eq!(expand(printed).len(), 1, "{printed}");
        }
    }
}
