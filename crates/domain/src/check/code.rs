//! National drug codes: shape, existence, and whether code and name speak of the same drug.
//!
//! The public table holds some 13,700 of about 269,000 codes and no spec: only a wrong shape is
//! certain. Serves CAT-14.

use crate::catalogue::{Catalogue, CodeKind, Knows, code_format, names};
use crate::finding::{Finding, Severity};
use crate::prescription::{Facts, ItemKind, Line};

/// Words before a name that say the form.
const FORM_HEADS: &[&str] = &["注射用", "吸入用"];

/// Rule: CAT-14 — The national code has its shape, exists, and fits the name
pub(super) fn national_codes(facts: &Facts, catalogue: &Catalogue, found: &mut Vec<Finding>) {
    for line in &facts.lines {
        let kind = match line.kind {
            ItemKind::Western => CodeKind::Western,
            ItemKind::ChinesePatent => CodeKind::ChinesePatent,
            ItemKind::Granule => CodeKind::Granule,
            ItemKind::DecoctionPiece | ItemKind::InstitutionPreparation => continue,
        };
        match &line.drug_code {
            None => {
                let (zh, en) = ("缺少国家医保药品代码。", "The national drug code is missing.");
                found.push(finding(line, Severity::Reject, zh, en));
            }
            Some(code) => national_code(line, code, kind, catalogue, found),
        }
    }
}

fn national_code(
    line: &Line,
    code: &str,
    kind: CodeKind,
    catalogue: &Catalogue,
    found: &mut Vec<Finding>,
) {
    match code_format(code) {
        Err(fault) => {
            let zh = "国家医保药品代码格式不正确。";
            let en = format!("Not a national drug code: {fault}.");
            found.push(finding(line, Severity::Reject, zh, en).because(code));
            return;
        }
        Ok(actual) if actual != kind => {
            let zh = "国家医保药品代码的类别与药品类别不符。";
            let en = "The code belongs to another kind of drug than the line.";
            found.push(finding(line, Severity::Reject, zh, en).because(code));
            return;
        }
        Ok(_) => {}
    }
    match catalogue.national_code(code) {
        None if catalogue.knows_all(Knows::NationalCodes) => {
            let zh = "国家医保药品代码不存在。";
            found.push(
                finding(line, Severity::Reject, zh, "No such national drug code.").because(code),
            );
        }
        None => {
            let zh = "国家医保药品代码未经核实（本系统代码表不全）。";
            let en = "The national drug code is unverified (the table here is not complete).";
            found.push(finding(line, Severity::Warn, zh, en).because(code));
        }
        Some(known) if !is_related(&known.generic_name, &line.generic_name) => {
            let zh = "代码对应的通用名与处方不一致，请核对（公开代码表仅含名称）。";
            let en = "The code's generic name differs from the line's; please verify.";
            found.push(finding(line, Severity::Warn, zh, en).because(&*known.generic_name));
        }
        Some(_) => {}
    }
}

/// One name begins with the other, apart from brackets, width and a leading word for the form.
fn is_related(one: &str, other: &str) -> bool {
    let (one, other) = (names::normal(one), names::normal(other));
    let (one, other) = (without_form_head(&one), without_form_head(&other));
    !one.is_empty() && !other.is_empty() && (one.starts_with(other) || other.starts_with(one))
}

fn without_form_head(name: &str) -> &str {
    FORM_HEADS.iter().find_map(|head| name.strip_prefix(head)).unwrap_or(name)
}

fn finding(line: &Line, severity: Severity, zh: &str, en: impl Into<Box<str>>) -> Finding {
    Finding::new("CAT-14", severity, zh, en).on_line(line.line_no)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{catalogue, facts, line, piece, severities};
    use super::*;

    fn judged(line: Line) -> Vec<Severity> {
        let mut found = Vec::new();
        national_codes(&Facts { lines: vec![line], ..facts() }, catalogue(), &mut found);
        severities(&found)
    }

    // proves: CAT-14
    #[test]
    fn a_wrong_shape_is_refused_and_an_unknown_code_is_only_unverified() {
        let western =
            |code: &str| Line { drug_code: Some(code.into()), ..line(1, "某药片", "片剂") };
        let unknown = "XB05BAX215B002010199999";
        for (code, expected) in [
            ("XB05BAX215B0020101", Severity::Reject),
            ("ZA04CAE0023010100166", Severity::Reject),
            ("86904180001034", Severity::Reject),
            (unknown, Severity::Warn),
        ] {
            assert_eq!(judged(western(code)), [expected], "{code}");
        }
        assert_eq!(judged(Line { drug_code: None, ..western("") }), [Severity::Reject]);
        assert!(judged(piece(1, "黄芪")).is_empty(), "pieces have no code");
    }

    // proves: CAT-14
    #[test]
    fn a_code_of_another_drug_is_shown() {
        let child = |name: &str| Line {
            kind: ItemKind::ChinesePatent,
            drug_code: Some("ZA04CAE0023010100166".into()),
            ..line(1, name, "合剂")
        };
        assert!(judged(child("儿童清肺口服液")).is_empty());
        assert_eq!(judged(child("六味地黄丸")), [Severity::Warn]);
    }

    #[test]
    fn names_are_related_when_one_begins_the_other() {
        for (one, other, related) in [
            ("阿托伐他汀钙片", "阿托伐他汀钙", true),
            ("注射用头孢曲松钠", "头孢曲松钠", true),
            ("复方氨基酸注射液（18AA）", "复方氨基酸注射液(18AA)", true),
            ("阿托伐他汀钙片", "瑞舒伐他汀钙片", false),
            ("阿托伐他汀钙片", "", false),
        ] {
            assert_eq!(is_related(one, other), related, "{one} {other}");
        }
    }
}
