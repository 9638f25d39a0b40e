//! Registered diseases: chronic and special ones, and the two-disease scheme for hypertension and diabetes.
//!
//! Which drugs belong to the two diseases is read from the ATC letters in the national code: no list of the scheme's own
//! is public. Serves BEN-06, BEN-07, BEN-08.

use super::Occasion;
use crate::finding::{Finding, Severity};
use crate::prescription::{InsuranceType, Line};
use crate::region::{Keeping, Path};
use crate::register::{Benefit, Entries, Register, Scheme};

/// ATC groups of drugs against high blood pressure and against diabetes. Assumed reading of 降血压、降血糖药物.
const HYPERTENSION_ATC: &[&str] = &["C02", "C03", "C07", "C08", "C09"];
const DIABETES_ATC: &[&str] = &["A10"];
/// ICD-10 blocks of the two diseases.
const HYPERTENSION_ICD: &[&str] = &["I10", "I11", "I12", "I13", "I15"];
const DIABETES_ICD: &[&str] = &["E10", "E11", "E12", "E13", "E14"];

/// What the person's registrations lead a prescription to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Registered {
    pub chronic: bool,
    pub hypertension: bool,
    pub diabetes: bool,
}

impl Registered {
    /// Kinds of disease by their name in a policy's `cap_by_kind`.
    pub fn kinds(&self) -> Vec<&'static str> {
        let kinds = [(self.hypertension, "hypertension"), (self.diabetes, "diabetes")];
        kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| kind).collect()
    }
    /// The path of a line that outpatient pooling would pay otherwise.
    pub fn path(&self, line: &Line) -> Option<Path> {
        if self.chronic {
            return Some(Path::ChronicSpecial);
        }
        let atc = line.drug_code.as_deref().and_then(|code| code.get(1..4)).unwrap_or("");
        let two = (self.hypertension && HYPERTENSION_ATC.contains(&atc))
            || (self.diabetes && DIABETES_ATC.contains(&atc));
        two.then_some(Path::TwoDisease)
    }
}

/// The registrations that count for this prescription: the disease is among its diagnoses.
pub(super) fn registered(
    occasion: &Occasion<'_>,
    entries: Entries<'_>,
    found: &mut Vec<Finding>,
) -> Registered {
    let mut registered = Registered::default();
    if occasion.facts.circumstances.chronic {
        registered.chronic = chronic(occasion, entries, found);
    }
    if occasion.facts.insurance == InsuranceType::Resident {
        two_disease(occasion, entries, &mut registered, found);
    }
    one_benefit(&mut registered, found);
    registered
}

/// Rule: BEN-08 — The chronic-disease benefit is paid to whoever is registered for the disease
fn chronic(occasion: &Occasion<'_>, entries: Entries<'_>, found: &mut Vec<Finding>) -> bool {
    let mut such = entries.benefits(occasion.day).map(|(_, benefit)| benefit);
    if such.any(|one| one.scheme == Scheme::Chronic && has_diagnosis(occasion, one)) {
        return true;
    }
    let (severity, zh, en) = match occasion.region.registers.benefit.value {
        Keeping::NotKept => return true,
        Keeping::Core => (
            Severity::Warn,
            "本系统无该病种的门诊慢特病登记，以医保核心系统结算为准。",
            "No registration of the chronic disease here; the insurance core decides when it settles.",
        ),
        Keeping::Required if occasion.as_of(Register::Benefit).is_none() => (
            Severity::Hold,
            "本地区门诊慢特病登记尚未导入，医保支付暂缓；请经办机构导入后确认。",
            "The register of chronic diseases is not loaded: payment waits for the agency.",
        ),
        Keeping::Required => {
            let zh = "患者未登记该病种的门诊慢特病，按普通门诊统筹支付。";
            let en = "Not registered for the chronic disease: paid as ordinary outpatient pooling.";
            found.push(Finding::new("BEN-08", Severity::Warn, zh, en));
            return false;
        }
    };
    found.push(Finding::new("BEN-08", severity, zh, en));
    true
}

fn has_diagnosis(occasion: &Occasion<'_>, of: &Benefit) -> bool {
    let category = of.disease.get(..3).unwrap_or(&of.disease);
    occasion.facts.diagnoses.iter().any(|code| code.starts_with(category))
}

/// Rule: BEN-06 — The two-disease scheme: registered residents, at the places that they picked
fn two_disease(
    occasion: &Occasion<'_>,
    entries: Entries<'_>,
    registered: &mut Registered,
    found: &mut Vec<Finding>,
) {
    let diagnosed = |blocks: &[&str]| {
        occasion.facts.diagnoses.iter().any(|code| blocks.iter().any(|b| code.starts_with(b)))
    };
    for (_, one) in entries.benefits(occasion.day) {
        let fits = match one.scheme {
            Scheme::Hypertension => diagnosed(HYPERTENSION_ICD),
            Scheme::Diabetes => diagnosed(DIABETES_ICD),
            Scheme::Chronic => false,
        };
        if !fits {
            continue;
        }
        if !is_picked(occasion, one) {
            let zh =
                "不是患者选定的两病用药机构，两病待遇不支付，自费；请到选定机构就诊或变更选定。";
            let en = "Not a place that the patient picked for the two-disease benefit: self-pay; go there or change the choice.";
            found.push(Finding::new("BEN-06", Severity::SelfPay, zh, en));
            continue;
        }
        registered.hypertension |= one.scheme == Scheme::Hypertension;
        registered.diabetes |= one.scheme == Scheme::Diabetes;
    }
}

/// Empty: everywhere. The pharmacy that sells may be the place, too.
fn is_picked(occasion: &Occasion<'_>, of: &Benefit) -> bool {
    let here = [occasion.issuer, occasion.seller].into_iter().flatten();
    let mut here = here.map(|one| one.id);
    of.institutions.is_empty() || here.any(|id| of.institutions.contains(&id))
}

/// Rule: BEN-07 — The two-disease benefit does not stack with the chronic-disease benefit
fn one_benefit(registered: &mut Registered, found: &mut Vec<Finding>) {
    if registered.chronic && (registered.hypertension || registered.diabetes) {
        let zh = "两病待遇与门诊慢特病待遇不可重复享受，本次按门诊慢特病支付。";
        let en = "The two-disease benefit does not stack with the chronic-disease benefit: the latter pays.";
        found.push(Finding::new("BEN-07", Severity::Warn, zh, en));
        (registered.hypertension, registered.diabetes) = (false, false);
    }
}
