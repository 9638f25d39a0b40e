//! What the tests of the rules start from: one plain prescription, its hospital, a pharmacy, the
//! real catalogue and policy.
//!
//! People and institutions are synthetic. The catalogue is read once per test process.
#![cfg(test)]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;

use super::Occasion;
use crate::catalogue::{Catalogue, Files};
use crate::finding::{Finding, Severity};
use crate::id::Id;
use crate::institution::{
    Abilities, AgreementPeriod, AgreementStatus, Credentials, Institution, InstitutionKind, Level,
    Practitioner, Profession, Registry,
};
use crate::knowledge::Knowledge;
use crate::moment::{DAY, Moment};
use crate::money::Quantity;
use crate::prescription::{
    Approval, BizType, Circumstances, Control, Facts, InsuranceType, ItemKind, Line, LineDetails,
    Prescription, RxAttribute, Sex, Verdict,
};
use crate::region::{Region, Regions};

pub const DOCTOR: &str = "D540000000001";
pub const PHARMACIST: &str = "Y540000000001";
pub const SHOP_PHARMACIST: &str = "Y540000000002";

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("date")
}
pub fn at(text: &str) -> Moment {
    text.parse().expect("instant")
}

/// Monday 5 January 2026, 9:30, valid three times 24 hours, a man of 45, hypertension, one line.
pub fn facts() -> Facts {
    let issued_at = at("2026-01-05T09:30:00+08:00");
    Facts {
        hosp_rxno: "R1".into(),
        biz_type: BizType::Visit,
        attribute: RxAttribute::DualChannel,
        issued_at,
        valid_until: issued_at.plus(3 * DAY),
        emergency: false,
        long_rx: false,
        long_rx_confirmed: false,
        quantity_reason: None,
        insured_area: "540100".parse().expect("area"),
        insurance: InsuranceType::Employee,
        sex: Sex::Male,
        birth_date: day("1980-06-01"),
        doctor: DOCTOR.into(),
        reviewer: PHARMACIST.into(),
        diagnoses: vec!["I10.x00".into()],
        lines: vec![line(1, "阿司匹林肠溶片", "肠溶片")],
        circumstances: Circumstances::default(),
    }
}

/// The same prescription issued at another time.
pub fn issued_on(day: &str, lines: Vec<Line>) -> Facts {
    let issued_at = at(&format!("{day}T09:30:00+08:00"));
    Facts { issued_at, valid_until: issued_at.plus(3 * DAY), lines, ..facts() }
}

/// One box of a western drug for seven days, without a restriction judged.
pub fn line(line_no: i32, name: &str, form: &str) -> Line {
    Line {
        line_no,
        kind: ItemKind::Western,
        drug_code: Some("XA00AAA000A000000000001".into()),
        generic_name: name.into(),
        dosage_form: form.into(),
        spec: "20mg*7片/盒".into(),
        quantity: Quantity::whole(1),
        days: 7,
        approval: Approval::NotNeeded,
        control: Control::None,
        details: LineDetails::default(),
    }
}
pub fn patent(line_no: i32, name: &str, form: &str) -> Line {
    let drug_code = Some("ZA00AAA0000000000001".into());
    Line { kind: ItemKind::ChinesePatent, drug_code, ..line(line_no, name, form) }
}
pub fn piece(line_no: i32, name: &str) -> Line {
    let spec = "1g".into();
    Line { kind: ItemKind::DecoctionPiece, drug_code: None, spec, ..line(line_no, name, "饮片") }
}

pub fn hospital() -> Institution {
    institution(1, InstitutionKind::Hospital, "H54010000001")
}
pub fn pharmacy() -> Institution {
    institution(2, InstitutionKind::Pharmacy, "P54010000001")
}

fn institution(id: i64, kind: InstitutionKind, code: &str) -> Institution {
    Institution {
        id: Id::new(id),
        code: code.into(),
        kind,
        name: "样例机构".into(),
        pooling_area: "540100".parse().expect("area"),
        county: "540102".into(),
        level: Level::Third,
        place: None,
        abilities: Abilities {
            dual_channel: true,
            outpatient_pooling: true,
            delivery: false,
            trace_connected: true,
            ..Abilities::default()
        },
        agreement: vec![AgreementPeriod {
            from: day("2025-01-01"),
            to: day("2028-01-01"),
            status: AgreementStatus::Active,
        }],
        notify_url: None,
        credentials: Credentials::default(),
    }
}

pub fn registry() -> Registry {
    let person = |at: &Institution, code: &str, profession| Practitioner {
        institution_id: at.id,
        code: code.into(),
        profession,
        from: day("2025-01-01"),
        to: day("2028-01-01"),
        ineligible: Vec::new(),
    };
    let people = vec![
        person(&hospital(), DOCTOR, Profession::Doctor),
        person(&hospital(), PHARMACIST, Profession::Pharmacist),
        person(&pharmacy(), SHOP_PHARMACIST, Profession::Pharmacist),
    ];
    Registry::new(1, vec![hospital(), pharmacy()], people)
}

pub fn lhasa() -> &'static Region {
    static LHASA: LazyLock<Region> = LazyLock::new(|| {
        let text = include_str!("../../../../catalogue/regions/540100.toml");
        Region::parse(text, "policy").expect("valid policy")
    });
    &LHASA
}

/// The real files of `catalogue/`.
pub fn catalogue() -> &'static Arc<Catalogue> {
    static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue");
        let mut files = Files::new();
        read(&root, &root, &mut files);
        Arc::new(Catalogue::build(&files, "catalogue".to_owned()).expect("valid catalogue"))
    });
    &CATALOGUE
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
            files.insert(name.replace('\\', "/"), std::fs::read(&path).expect("file"));
        }
    }
}

pub fn knowledge() -> Knowledge {
    let lhasa = lhasa().clone();
    Knowledge {
        catalogue: Arc::clone(catalogue()),
        regions: Arc::new(Regions::new(vec![lhasa]).expect("one version")),
        registry: Arc::new(registry()),
        production: false,
    }
}

/// A prescription on a day by lists and policy alone, whoever the person is.
pub fn by_list_on<'a>(facts: &'a Facts, region: &'a Region, on: &str) -> Occasion<'a> {
    static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(knowledge);
    let (issuer, seller, person) = (None, None, None);
    Occasion { facts, issuer, seller, person, region, knowledge: &KNOWLEDGE, day: day(on) }
}

/// The prescription as accepted, with an empty verdict.
pub fn issued(facts: Facts) -> Prescription {
    Prescription {
        id: Id::new(10),
        institution_id: hospital().id,
        person_id: Id::new(11),
        pooling_area: hospital().pooling_area,
        accepted_at: facts.issued_at,
        facts,
        verdict: Verdict {
            findings: Vec::new(),
            edition: "".into(),
            catalogue_digest: "".into(),
            policy_digest: "".into(),
            rules_revision: 0,
        },
    }
}

pub fn rules(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|one| &*one.rule).collect()
}
pub fn severities(found: &[Finding]) -> Vec<Severity> {
    found.iter().map(|one| one.severity).collect()
}
