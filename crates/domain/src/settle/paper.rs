//! The sheet on which the arithmetic is written down, step by step, for the patient to follow (SET-01).
//!
//! Knows the two languages and nothing of the rules.

use rust_decimal::Decimal;

use super::Step;
use crate::money::{Ratio, Yuan};

/// Steps in the order they were reckoned.
#[derive(Default)]
pub(super) struct Paper {
    pub steps: Vec<Step>,
}

impl Paper {
    pub fn on_line(&mut self, line_no: i32, zh: String, en: String, amount: Yuan) {
        self.write(Some(line_no), zh, en, amount);
    }
    pub fn on_all(&mut self, zh: String, en: String, amount: Yuan) {
        self.write(None, zh, en, amount);
    }
    fn write(&mut self, line_no: Option<i32>, zh: String, en: String, amount: Yuan) {
        self.steps.push(Step { line_no, text_zh: zh.into(), text_en: en.into(), amount });
    }
}

/// `65%`, as shares are printed for people.
pub(super) fn percent(ratio: Ratio) -> String {
    format!("{}%", (ratio.decimal() * Decimal::ONE_HUNDRED).normalize())
}
