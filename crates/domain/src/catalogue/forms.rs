//! Dosage forms: which forms the list merges into one (general rules of the list, section 8), and
//! the form that a generic name carries in itself (`阿托伐他汀钙片` is a 片).
//!
//! Serves RX-08. The merge table is data; the spellings added here are those of approved generic
//! names.

use std::collections::HashMap;

use super::names;

/// Spellings in approved names and hospital systems, and the forms of the list that they mean.
const SPELLINGS: &[(&str, &[&str])] = &[
    ("片", &["片", "普通片剂"]),
    ("片剂", &["片", "普通片剂"]),
    ("胶囊", &["硬胶囊"]),
    ("胶囊剂", &["硬胶囊"]),
    ("口崩片", &["口腔崩解片"]),
    ("舌下片", &["舌下片剂"]),
    ("溶液", &["口服溶液剂", "外用溶液剂", "溶液剂"]),
    ("口服混悬液", &["口服混悬剂"]),
    ("口服乳", &["口服乳剂"]),
    ("鼻喷雾剂", &["鼻用喷雾剂"]),
    ("鼻喷剂", &["鼻用喷雾剂"]),
    ("吸入喷雾剂", &["喷雾剂"]),
    ("贴片", &["贴剂"]),
    ("灌肠液", &["灌肠剂"]),
    ("粉针", &["粉针剂"]),
    ("注射用粉末", &["注射用无菌粉末"]),
    ("散", &["散剂"]),
    ("丸", &["丸剂"]),
    ("栓", &["栓剂"]),
    ("酊", &["酊剂"]),
];

/// What a form word means in the list: the words under which the list may print it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    printed_as: Vec<Box<str>>,
    /// Last character of the word without 剂: 片 for every kind of tablet.
    family: Option<char>,
}

/// All form words known to the editions.
#[derive(Debug, Default)]
pub struct Forms {
    by_word: HashMap<Box<str>, Form>,
    longest: usize,
}

/// A name without its form: the stems to try, and the form that was taken off.
#[derive(Debug)]
pub struct Stripped<'f> {
    pub stems: Vec<String>,
    pub form: Option<&'f Form>,
}

impl Forms {
    /// `actual` is merged into `merged` by the list.
    pub fn merge(&mut self, actual: &str, merged: &str) {
        self.learn(actual, &[actual, merged]);
        self.learn(merged, &[merged]);
    }
    /// A word that the list itself prints as a form.
    pub fn learn_printed(&mut self, word: &str) {
        let bare = word.split('(').next().unwrap_or(word);
        self.learn(bare, &[bare]);
    }
    fn learn(&mut self, word: &str, printed_as: &[&str]) {
        self.longest = self.longest.max(word.chars().count());
        let family = word.strip_suffix('剂').unwrap_or(word).chars().next_back();
        let form = self.by_word.entry(word.into()).or_default();
        form.family = family;
        for name in printed_as {
            if !form.printed_as.iter().any(|have| **have == **name) {
                form.printed_as.push((*name).into());
            }
        }
    }
    /// Adds spellings: those of approved names, and each form of two or more characters without its
    /// 剂.
    pub fn add_spellings(&mut self) {
        for (word, means) in SPELLINGS {
            let printed: Vec<Box<str>> = means.iter().flat_map(|m| self.printed_as(m)).collect();
            let words: Vec<&str> = printed.iter().map(|w| &**w).collect();
            self.learn(word, &words);
        }
        let long: Vec<(Box<str>, Form)> =
            self.by_word.iter().map(|(word, form)| (word.clone(), form.clone())).collect();
        for (word, form) in long {
            let Some(short) = word.strip_suffix('剂').filter(|s| s.chars().count() >= 2) else {
                continue;
            };
            let words: Vec<&str> = form.printed_as.iter().map(|w| &**w).collect();
            self.learn(short, &words);
        }
    }
    fn printed_as(&self, word: &str) -> Vec<Box<str>> {
        match self.by_word.get(word) {
            Some(form) => form.printed_as.clone(),
            None => vec![word.into()],
        }
    }
    /// The meaning of a form as a prescription states it; `None` when the word is not known.
    pub fn of(&self, stated: &str) -> Option<&Form> {
        let word = names::normal(stated);
        if let Some(form) = self.by_word.get(&*word) {
            return Some(form);
        }
        let (head, inside) = names::trailing_bracket(&word)?;
        self.by_word.get(inside).or_else(|| self.by_word.get(head))
    }
    /// Takes the form off a name in matching form: `注射用X`, `X缓释片`, `X注射液(18AA-II)`.
    pub fn strip(&self, name: &str) -> Stripped<'_> {
        let (head, tail) = match names::trailing_bracket(name) {
            Some((head, inside)) => (head, Some(inside)),
            None => (name, None),
        };
        let (stem, form) = if let Some(stem) = head.strip_prefix("注射用") {
            (stem, self.by_word.get("注射剂"))
        } else if let Some(rest) = head.strip_prefix("吸入用") {
            self.split_form(rest, "吸入用")
        } else {
            self.split_form(head, "")
        };
        let stems = match tail {
            None => vec![stem.to_owned()],
            Some(inside) if is_roman(inside) => {
                vec![format!("{stem}({inside})"), format!("{stem}{inside}")]
            }
            Some(inside) => vec![format!("{stem}({inside})")],
        };
        Stripped { stems, form }
    }
    /// What is before the longest known form word that ends `name`, and its form; `prefix` belongs
    /// to the word.
    fn split_form<'n>(&self, name: &'n str, prefix: &str) -> (&'n str, Option<&Form>) {
        let letters = name.chars().count();
        let skip = letters.saturating_sub(self.longest).max(1);
        let mut ends =
            name.char_indices().skip(skip).filter_map(|(at, _)| name.split_at_checked(at));
        let known = ends.find_map(|(stem, word)| {
            let form = match prefix {
                // A form in the list's table, but in a name its 素 belongs to the substance: 阿奇霉素片.
                "" if word == "素片" => None,
                "" => self.by_word.get(word),
                _ => self.by_word.get(&*format!("{prefix}{word}")),
            };
            form.map(|form| (stem, Some(form)))
        });
        known.unwrap_or((name, None))
    }
}

fn is_roman(inside: &str) -> bool {
    !inside.is_empty() && inside.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
}

impl Form {
    /// Whether a row printed with `printed` covers this form: `口服常释剂型(不含分散片)` covers tablets, not
    /// 分散片.
    pub fn is_covered_by(&self, printed: &str) -> bool {
        let (bare, without) = match printed.split_once("(不含") {
            Some((bare, rest)) => (bare, rest.trim_end_matches(')')),
            None => (printed, ""),
        };
        let says = |word: &str| self.printed_as.iter().any(|have| **have == *word);
        says(bare) && (without.is_empty() || !says(without))
    }
    /// `片剂` beside `缓释片` is only less exact; `片剂` beside `注射用…` contradicts.
    pub fn contradicts(&self, other: &Form) -> bool {
        self.family != other.family
            && !self.printed_as.iter().any(|word| other.printed_as.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms() -> Forms {
        let mut forms = Forms::default();
        for (merged, actual) in [
            ("口服常释剂型", "普通片剂"),
            ("口服常释剂型", "分散片"),
            ("口服常释剂型", "硬胶囊"),
            ("缓释控释剂型", "缓释片"),
            ("注射剂", "注射液"),
            ("吸入剂", "吸入用混悬液"),
            ("颗粒剂", "颗粒剂"),
        ] {
            forms.merge(actual, merged);
        }
        forms.add_spellings();
        forms
    }

    #[test]
    fn the_form_is_taken_off_the_name() {
        let forms = forms();
        for (name, stem, printed) in [
            ("阿托伐他汀钙片", "阿托伐他汀钙", "口服常释剂型"),
            ("盐酸二甲双胍缓释片", "盐酸二甲双胍", "缓释控释剂型"),
            ("注射用头孢曲松钠", "头孢曲松钠", "注射剂"),
            ("吸入用布地奈德混悬液", "布地奈德", "吸入剂"),
            ("复方氨基酸注射液(18AA-II)", "复方氨基酸(18AA-II)", "注射剂"),
            ("蒙脱石颗粒", "蒙脱石", "颗粒剂"),
        ] {
            let stripped = forms.strip(name);
            assert!(stripped.stems.iter().any(|s| s == stem), "{name}: {stripped:?}");
            assert!(stripped.form.is_some_and(|f| f.is_covered_by(printed)), "{name}");
        }
    }

    #[test]
    fn a_row_without_dispersible_tablets_does_not_cover_them() {
        let forms = forms();
        let row = "口服常释剂型(不含分散片)";
        assert!(!forms.of("分散片").is_some_and(|f| f.is_covered_by(row)));
        assert!(forms.of("片剂").is_some_and(|f| f.is_covered_by(row)));
    }

    #[test]
    fn a_tablet_contradicts_an_injection_but_not_a_slow_tablet() {
        let forms = forms();
        let (tablet, slow, shot) =
            (forms.of("片剂").unwrap(), forms.of("缓释片").unwrap(), forms.of("注射液").unwrap());
        assert!(tablet.contradicts(shot));
        assert!(!tablet.contradicts(slow));
    }
}
