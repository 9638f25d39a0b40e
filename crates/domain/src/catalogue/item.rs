//! One row of the national drug list: what it is called, how it is paid, and how well we know it.
//!
//! Serves RULES CAT-01, 03, 05, 09, 10, 11. Knows no first self-pay and no benefit (the region's);
//! periods here are half-open (`to` is the first day that is no longer covered), while the printed
//! list gives the last day.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::restriction::Restriction;
use crate::money::Yuan;

/// The part of the list in which the row is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Western,
    ChinesePatent,
    NegotiatedWestern,
    NegotiatedChinesePatent,
    /// Price-bid drugs (竞价药品), western.
    Bid,
    DecoctionPiece,
}

impl Part {
    pub fn is_western(self) -> bool {
        matches!(self, Part::Western | Part::NegotiatedWestern | Part::Bid)
    }
    pub fn is_chinese_patent(self) -> bool {
        matches!(self, Part::ChinesePatent | Part::NegotiatedChinesePatent)
    }
    /// Printed in the part of drugs within an agreement: negotiated or bid.
    pub fn is_negotiated(self) -> bool {
        matches!(self, Part::NegotiatedWestern | Part::NegotiatedChinesePatent | Part::Bid)
    }
}

/// Class A (甲) has no first self-pay; class B (乙) has one, set by the pooling area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Class {
    A,
    B,
}

/// How well a statement about an edition is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Knowledge {
    /// Read in a copy of this edition.
    Known,
    /// Taken over from the edition before, because this edition's text was not read.
    Carried,
    /// Not known: the source of this edition is incomplete here.
    Unknown,
}

/// The nation whose medicine the item is, for the 96 ethnic medicines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EthnicGroup {
    Tibetan,
    Mongolian,
    Uyghur,
}

/// Days on which an agreement runs: from `from` until the day before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Agreement {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Agreement {
    pub fn covers(self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }
}

/// A public national payment standard: the fund pays its share of at most this price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentStandard {
    /// The specification as printed, with the unit that the price is for: `10mg/片`.
    pub spec_text: Box<str>,
    /// Yuan for one unit of `spec_text`, above 0.
    pub price: Yuan,
    pub from: NaiveDate,
    /// First day on which the standard no longer holds.
    pub to: NaiveDate,
}

/// One row of an edition.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// Unique and stable within the edition; the row it was read from.
    pub id: Box<str>,
    pub edition: Arc<str>,
    pub part: Part,
    /// The name as printed, with alternatives in brackets and several names joined by `、`.
    pub printed_name: Box<str>,
    /// Every name the printed one stands for, in matching form ([`super::names::normal`]).
    pub names: Box<[Box<str>]>,
    /// Only where the list prints names without form and salt; elsewhere the name says the form.
    pub dosage_form: Option<Arc<str>>,
    /// `None` for decoction pieces, which the national list does not class.
    pub class: Option<Class>,
    pub restriction: Option<Restriction>,
    /// How well it is known *whether* there is a restriction, also when `restriction` is `None`.
    pub restriction_known: Knowledge,
    /// How well it is known that the item is in this edition at all.
    pub listing: Knowledge,
    pub agreement: Option<Agreement>,
    /// The payment standard exists but is not public.
    pub price_confidential: bool,
    pub payment_standards: Box<[PaymentStandard]>,
    pub ethnic_group: Option<EthnicGroup>,
    /// A further form (★) of a drug that has its number elsewhere: not counted again.
    pub is_further_form: bool,
    /// Decoction piece with □: not paid when used alone, nor when a whole prescription consists of
    /// such (CAT-09).
    pub not_alone: bool,
    /// Decoction piece that the list excludes from payment.
    pub excluded: bool,
    /// CAT-03: agreement ended with the edition before and was not renewed; payable at the old
    /// standard before this day.
    pub transition_until: Option<NaiveDate>,
}

/// What an item is on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Listed and, if under an agreement, within it.
    InForce,
    /// Agreement not renewed, old standard still paid before `until` (CAT-03).
    InTransition { until: NaiveDate },
    /// The agreement does not cover the day (CAT-05): self-pay.
    OutsideAgreement,
    /// Named by the list as not payable.
    Excluded,
}

impl Item {
    /// Whether the item can be paid on `day`. The caller has chosen the edition in force on that
    /// day.
    pub fn standing_on(&self, day: NaiveDate) -> Standing {
        if self.excluded {
            return Standing::Excluded;
        }
        match (self.agreement, self.transition_until) {
            (Some(agreement), _) if agreement.covers(day) => Standing::InForce,
            (Some(agreement), Some(until)) if agreement.to <= day && day < until => {
                Standing::InTransition { until }
            }
            (Some(_), _) => Standing::OutsideAgreement,
            (None, _) => Standing::InForce,
        }
    }
    /// Nothing that decides about payment is carried over from another edition or unknown.
    pub fn is_verified(&self) -> bool {
        let restriction = self.restriction.as_ref().map_or(self.restriction_known, |r| r.known);
        self.listing == Knowledge::Known && restriction == Knowledge::Known
    }
    /// Public payment standards that hold on `day`.
    pub fn payment_standards_on(&self, day: NaiveDate) -> impl Iterator<Item = &PaymentStandard> {
        self.payment_standards.iter().filter(move |s| s.from <= day && day < s.to)
    }
    /// Anything but a decoction piece.
    pub fn is_drug(&self) -> bool {
        self.part != Part::DecoctionPiece
    }
    /// Paid by work-injury insurance alone (CAT-13).
    pub fn is_work_injury_only(&self) -> bool {
        self.restriction.as_ref().is_some_and(|r| r.text.starts_with("限工伤保险"))
    }
    /// Paid by maternity insurance; for residents the pooled fund may pay too (general rule 11.4).
    pub fn is_maternity_only(&self) -> bool {
        self.restriction.as_ref().is_some_and(|r| r.text.starts_with("限生育保险"))
    }
    /// Whether the fund would treat both alike: then it does not matter which of the two is meant.
    pub fn is_paid_like(&self, other: &Item) -> bool {
        self.class == other.class
            && self.restriction == other.restriction
            && self.restriction_known == other.restriction_known
            && self.listing == other.listing
            && self.agreement == other.agreement
            && self.transition_until == other.transition_until
            && self.price_confidential == other.price_confidential
            && self.payment_standards == other.payment_standards
            && (self.not_alone, self.excluded) == (other.not_alone, other.excluded)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Western => "西药 western",
            Part::ChinesePatent => "中成药 Chinese patent",
            Part::NegotiatedWestern => "谈判西药 negotiated western",
            Part::NegotiatedChinesePatent => "谈判中成药 negotiated Chinese patent",
            Part::Bid => "竞价药品 bid",
            Part::DecoctionPiece => "中药饮片 decoction piece",
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::A => "甲 A",
            Class::B => "乙 B",
        })
    }
}

impl fmt::Display for Knowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Knowledge::Known => "已核 known",
            Knowledge::Carried => "沿用上版 carried over",
            Knowledge::Unknown => "未知 unknown",
        })
    }
}
