//! The patients of the demo, made from the seed: invented names, identity numbers of an area that does not exist.

use chrono::{Datelike, NaiveDate};
use domain::prescription::{InsuranceType, Sex};

use super::dice::Dice;

/// Area code of no place (RULES: identity numbers start with a division code; there is no 99).
const NOWHERE: &str = "990101";
const COUNT: usize = 200;
const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];

#[derive(Clone, Debug)]
pub struct Patient {
    /// Place in the list.
    pub number: usize,
    pub name: String,
    pub id_number: String,
    pub sex: Sex,
    pub birth_date: NaiveDate,
    pub insurance: InsuranceType,
    pub insured_area: &'static str,
}

impl Patient {
    /// The second factor.
    pub fn last_four(&self) -> String {
        self.id_number.chars().skip(14).collect()
    }
    pub fn age_on(&self, day: NaiveDate) -> i32 {
        let before = (day.month(), day.day()) < (self.birth_date.month(), self.birth_date.day());
        day.year() - self.birth_date.year() - i32::from(before)
    }
}

/// Two hundred patients: ages 1 to 90, both sexes, both insurances, a few insured elsewhere.
pub fn patients(seed: u64) -> Vec<Patient> {
    (0..COUNT).map(|number| patient(seed, number)).collect()
}

fn patient(seed: u64, number: usize) -> Patient {
    let mut dice = Dice::of(seed, "patient", number);
    let sex = if dice.chance(52) { Sex::Female } else { Sex::Male };
    // One in six is a child: children's drugs need somebody to take them.
    let years = if number.is_multiple_of(6) { 1 + dice.below(12) } else { 18 + dice.below(72) };
    let back = u64::try_from(years * 365 + dice.below(365)).unwrap_or(0);
    let newest = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default();
    let birth_date = newest.checked_sub_days(chrono::Days::new(back)).unwrap_or(newest);
    let insurance = if dice.chance(45) { InsuranceType::Employee } else { InsuranceType::Resident };
    let insured_area = if number % 20 == 7 { "540200" } else { super::world::AREA };
    let stem = STEMS.get(number % STEMS.len()).unwrap_or(&"甲");
    let order = number * 2 % 998 + usize::from(sex == Sex::Male);
    let first = format!("{NOWHERE}{}{order:03}", birth_date.format("%Y%m%d"));
    Patient {
        number,
        name: format!("患者{stem}{:03} (虚构)", number + 1),
        id_number: format!("{first}{}", check_character(&first)),
        sex,
        birth_date,
        insurance,
        insured_area,
    }
}

/// The last character of an identity number (GB 11643: weights 2^(18-i) mod 11).
fn check_character(first: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = first.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let at = usize::try_from(sum % 11).unwrap_or(0);
    "10X98765432".chars().nth(at).unwrap_or('0')
}
