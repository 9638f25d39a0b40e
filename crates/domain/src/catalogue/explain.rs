//! What the catalogue says of one code or name on one day, for a person at a command line or a
//! console.
//!
//! Serves DESIGN §3 "Catalogue". Decides nothing: it shows the rows that a check would use.

use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use super::Catalogue;
use super::codes::{CodeKind, Diagnosed, Diagnosis, NationalCode, code_format};
use super::commercial::CommercialDrug;
use super::divisions::Division;
use super::edition::{By, Edition, Found};
use super::item::{Item, Standing};
use super::limits::Limit;
use super::products::Product;
use super::restriction::written;
use super::vbp::VbpPrice;

/// The answer to `rxgate catalogue explain <code|name> --on DATE`.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation<'a> {
    pub asked: &'a str,
    pub on: NaiveDate,
    /// Id of the edition in force; `None` outside all editions.
    pub edition: Option<&'a str>,
    /// Set when the text has the format of a national code, known or not.
    pub code_kind: Option<CodeKind>,
    pub national_code: Option<&'a NationalCode>,
    pub diagnosis: Option<&'a Diagnosis>,
    /// Set when the code is of 国临版: the diagnosis is the one that it means.
    pub is_clinical_code: bool,
    /// A division with this code.
    pub division: Option<Division<'a>>,
    /// A drug of the commercial-insurance list (CAT-12): outside basic insurance.
    pub commercial: Option<&'a CommercialDrug>,
    /// ATC codes, by a table that a machine joined.
    pub atc: &'a [Box<str>],
    /// Public products of the national code.
    pub products: Vec<&'a Product>,
    /// How the name was found, when it means one item.
    pub found_by: Option<By>,
    /// One item; several if the name is ambiguous; none if not found.
    pub items: Vec<Shown<'a>>,
    /// Ids of other editions that have the name.
    pub elsewhere: Vec<&'a str>,
    pub limits: Vec<&'a Limit>,
    /// Selected bids of any date and province.
    pub vbp: Vec<&'a VbpPrice>,
}

/// An item and what it is on the day.
#[derive(Clone, Debug, Serialize)]
pub struct Shown<'a> {
    pub standing: Standing,
    pub item: &'a Item,
}

pub(super) fn explain<'a>(
    catalogue: &'a Catalogue,
    what: &'a str,
    on: NaiveDate,
) -> Explanation<'a> {
    let what = what.trim();
    let national_code = catalogue.national_code(what);
    let code_kind = code_format(what).ok();
    let name = national_code.map_or(what, |code| &code.generic_name);
    let edition = catalogue.edition_on(on);
    let (found_by, items) = edition.map_or((None, Vec::new()), |e| look_up(e, name, on));
    let others = catalogue.editions.iter().filter(|e| edition.is_none_or(|now| now.id != e.id));
    let is_there = |e: &&Edition| !matches!(e.find(name, None), Found::Nothing);
    let bids = catalogue.vbp_bids(name, None).into_iter();
    let (diagnosis, is_clinical_code) = match catalogue.diagnosed(what) {
        Diagnosed::Insurance(found) => (Some(found), false),
        Diagnosed::Clinical { meant, .. } => (Some(meant), true),
        Diagnosed::Unknown => (None, false),
    };
    Explanation {
        asked: what,
        on,
        edition: edition.map(|e| &*e.id),
        code_kind,
        national_code,
        diagnosis,
        is_clinical_code,
        division: catalogue.division(what),
        commercial: catalogue.commercial(name, on),
        atc: catalogue.atc_of(name),
        products: catalogue.products().of_code(what).collect(),
        found_by,
        items,
        elsewhere: others.filter(is_there).map(|e| &*e.id).collect(),
        limits: catalogue.limits_for(what, name),
        vbp: bids.filter(|bid| bid.is_selected).collect(),
    }
}

fn look_up<'a>(edition: &'a Edition, name: &str, on: NaiveDate) -> (Option<By>, Vec<Shown<'a>>) {
    let show = |item: &'a Item| Shown { standing: item.standing_on(on), item };
    match edition.find(name, None) {
        Found::One(matched) => (Some(matched.by), vec![show(matched.item)]),
        Found::Ambiguous(items) => (None, items.into_iter().map(show).collect()),
        Found::Nothing => (None, Vec::new()),
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  ({})", self.asked, self.on)?;
        match self.edition {
            Some(id) => writeln!(f, "  目录版本 edition: {id}")?,
            None => writeln!(f, "  当日无有效目录 no edition is in force on this day")?,
        }
        self.write_codes(f)?;
        self.write_items(f)?;
        for limit in &self.limits {
            writeln!(f, "  限制 limit: {:?} {} ({:?})", limit.kind, limit.raw, limit.source)?;
        }
        for bid in &self.vbp {
            let (from, to) = (day(bid.from), day(bid.to));
            let end = if bid.is_end_assumed { ", 期限为假定 end assumed" } else { "" };
            writeln!(
                f,
                "  集采 VBP: 第{}批 {} {} {} {} 元/最小单位 per unit, {from} – {to}{end}",
                bid.batch, bid.dosage_form, bid.spec, bid.maker, bid.price
            )?;
        }
        Ok(())
    }
}

impl Explanation<'_> {
    fn write_codes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(diagnosis) = self.diagnosis {
            let clinical =
                if self.is_clinical_code { ", 国临版编码映射 mapped" } else { "" };
            writeln!(f, "  诊断 diagnosis: {} {}{clinical}", diagnosis.code, diagnosis.name)?;
        }
        if let Some(division) = &self.division {
            let within = division.within.concat();
            writeln!(f, "  行政区划 division: {} {within}{}", division.code, division.name)?;
        }
        if let Some(drug) = self.commercial {
            let (name, brand) = (&drug.name, &drug.brand);
            writeln!(f, "  商保创新药 commercial insurance only: {name} ({brand})")?;
        }
        if !self.atc.is_empty() {
            writeln!(f, "  ATC (机器匹配 machine-joined): {}", self.atc.join(" "))?;
        }
        match (self.code_kind, self.national_code) {
            (Some(kind), Some(code)) => {
                writeln!(f, "  国家编码 national code: {} ({kind:?})", code.generic_name)
            }
            (Some(kind), None) => writeln!(
                f,
                "  国家编码 national code: 格式正确 well-formed ({kind:?}), 不在已公开部分 not in the public part"
            ),
            (None, _) => Ok(()),
        }
    }

    fn write_items(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.items.is_empty() && self.edition.is_some() {
            writeln!(f, "  目录内未找到 not found in this edition")?;
        }
        if self.items.len() > 1 {
            writeln!(f, "  名称不唯一 ambiguous: state the dosage form or the full name")?;
        }
        for shown in &self.items {
            write_item(f, shown, self.on)?;
        }
        if !self.elsewhere.is_empty() {
            writeln!(f, "  其他版本 also in edition: {}", self.elsewhere.join(", "))?;
        }
        Ok(())
    }
}

fn write_item(f: &mut fmt::Formatter<'_>, shown: &Shown<'_>, on: NaiveDate) -> fmt::Result {
    let item = shown.item;
    let form = item.dosage_form.as_deref().unwrap_or("");
    let class = item.class.map(|class| class.to_string()).unwrap_or_default();
    writeln!(f, "  [{}] {} {form} {} {class}", item.id, item.printed_name, item.part)?;
    writeln!(f, "    目录收载 listed: {}; {}", item.listing, standing(shown.standing))?;
    match &item.restriction {
        Some(r) => {
            writeln!(f, "    限定支付 restriction ({}): {}", r.known, r.text)?;
            if let Some(conditions) = &r.conditions {
                let by = if conditions.reviewed {
                    "已复核 reviewed"
                } else {
                    "机器解析 by machine"
                };
                let version = conditions.parser_version;
                let text = written(&conditions.alternatives);
                writeln!(f, "    条件 conditions ({by}, v{version}): {text}")?;
            }
        }
        None => writeln!(f, "    限定支付 restriction ({}): 无 none", item.restriction_known)?,
    }
    if let Some(group) = item.ethnic_group {
        writeln!(f, "    民族药 ethnic medicine: {group:?}")?;
    }
    if item.not_alone {
        writeln!(f, "    单独使用不予支付 not paid when used alone (□)")?;
    }
    if let Some(agreement) = item.agreement {
        let last = agreement.to.pred_opt().unwrap_or(agreement.to);
        writeln!(f, "    协议期 agreement: {} – {last}", agreement.from)?;
    }
    if item.price_confidential {
        writeln!(f, "    支付标准不公开 payment standard is confidential")?;
    }
    for standard in item.payment_standards_on(on) {
        writeln!(f, "    支付标准 payment standard: {} 元 {}", standard.price, standard.spec_text)?;
    }
    Ok(())
}

fn standing(standing: Standing) -> String {
    match standing {
        Standing::InForce => "可支付 payable".to_owned(),
        Standing::InTransition { until } => {
            format!("未续约, 过渡期至 not renewed, payable before {until}")
        }
        Standing::OutsideAgreement => "协议期外 outside its agreement: self-pay".to_owned(),
        Standing::Excluded => "不予支付 excluded from payment".to_owned(),
    }
}

fn day(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "?".to_owned(), |day| day.to_string())
}
