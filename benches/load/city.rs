//! The city under load: institutions, people and drugs as they stand in the registers, and what its hospitals send.
//!
//! Plainly synthetic: impossible codes, identity numbers of an area that does not exist. Drug names are real, prices
//! assumed. Knows no HTTP and no database beyond the store's own interface.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::id::Id;
use domain::institution::{
    Abilities, AgreementPeriod, AgreementStatus, Credentials, Institution, InstitutionKind, Level,
    Place, Practitioner, Profession, Registry,
};
use domain::knowledge::Knowledge;
use domain::moment::{DAY, MINUTE, Moment};
use domain::money::Quantity;
use domain::prescription::ProductKey;
use domain::role::Role;
use domain::route::Stock;
use rxgate::trust::keys::Keys;
use rxgate::trust::sm3::sm3;
use store::{Client, Settings, Store};

pub const HOSPITALS: i64 = 8;
pub const PHARMACIES: i64 = 32;
/// The first pharmacy's id.
pub const FIRST_PHARMACY: i64 = 1_001;
/// People who are prescribed for in turn.
pub const PEOPLE: u64 = 2_000;
/// Lines of a prescription under load.
pub const LINES: usize = 3;

const AREA: &str = "540100";
const COUNTY: &str = "540102";

/// One drug of the hospitals' formulary.
struct Drug {
    code: &'static str,
    name: &'static str,
    form: &'static str,
    spec: &'static str,
    price: &'static str,
}

/// All for one diagnosis, I10.x00. Codes are well-formed, of a class that does not exist.
const DRUGS: [Drug; 5] = [
    Drug {
        code: "XZ99ZZZ001Z999999999999",
        name: "硝苯地平控释片",
        form: "控释片",
        spec: "30mg*7片/盒",
        price: "18.60",
    },
    Drug {
        code: "XZ99ZZZ002Z999999999999",
        name: "氨氯地平片",
        form: "片剂",
        spec: "5mg*7片/盒",
        price: "4.20",
    },
    Drug {
        code: "XZ99ZZZ003Z999999999999",
        name: "缬沙坦胶囊",
        form: "胶囊剂",
        spec: "80mg*7粒/盒",
        price: "9.80",
    },
    Drug {
        code: "XZ99ZZZ004Z999999999999",
        name: "厄贝沙坦片",
        form: "片剂",
        spec: "150mg*7片/盒",
        price: "5.30",
    },
    Drug {
        code: "XZ99ZZZ005Z999999999999",
        name: "比索洛尔片",
        form: "片剂",
        spec: "5mg*10片/盒",
        price: "6.90",
    },
];

/// `count` pharmacies side by side, all under agreement.
pub fn pharmacies(count: i64) -> Vec<Institution> {
    let place =
        |n: i64| Place { lon_udeg: 91_140_000 + n % 71 * 900, lat_udeg: 29_650_000 + n / 71 * 900 };
    let one = |n| Institution {
        place: Some(place(n)),
        ..institution(FIRST_PHARMACY + n, InstitutionKind::Pharmacy)
    };
    (0..count).map(one).collect()
}

pub fn hospitals() -> Vec<Institution> {
    (1..=HOSPITALS).map(|id| institution(id, InstitutionKind::Hospital)).collect()
}

fn institution(id: i64, kind: InstitutionKind) -> Institution {
    let (letter, level) = match kind {
        InstitutionKind::Hospital => ('H', Level::Third),
        InstitutionKind::Pharmacy => ('P', Level::Grassroots),
    };
    let (from, to) = forever();
    Institution {
        id: Id::new(id),
        code: format!("{letter}5401990{id:04}").into(),
        kind,
        name: format!("Synthetic institution {id}").into(),
        pooling_area: AREA.parse().unwrap(),
        county: COUNTY.into(),
        level,
        place: None,
        abilities: Abilities {
            dual_channel: true,
            outpatient_pooling: true,
            delivery: true,
            trace_connected: true,
            ..Abilities::default()
        },
        agreement: vec![AgreementPeriod { from, to, status: AgreementStatus::Active }],
        notify_url: None,
        credentials: Credentials::default(),
    }
}

fn forever() -> (NaiveDate, NaiveDate) {
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    (day(2020), day(2100))
}

pub fn doctor(hospital: i64) -> String {
    format!("D5401990{hospital:05}")
}
pub fn pharmacist(institution: i64) -> String {
    format!("Y5401990{institution:05}")
}
pub fn secret(institution: i64) -> String {
    format!("synthetic-secret-{institution}")
}
pub fn client(institution: i64) -> String {
    format!("bench-{institution}")
}

/// A doctor per hospital and a pharmacist everywhere.
pub fn people() -> Vec<Practitioner> {
    let (from, to) = forever();
    let person = |institution, code: String, profession| Practitioner {
        institution_id: Id::new(institution),
        code: code.into(),
        profession,
        from,
        to,
        ineligible: Vec::new(),
    };
    let doctors = (1..=HOSPITALS).map(|id| person(id, doctor(id), Profession::Doctor));
    let pharmacists = institutions().map(|id| person(id, pharmacist(id), Profession::Pharmacist));
    doctors.chain(pharmacists).collect()
}

fn institutions() -> impl Iterator<Item = i64> {
    (1..=HOSPITALS).chain(FIRST_PHARMACY..FIRST_PHARMACY + PHARMACIES)
}

/// The first `lines` drugs on the shelves of `count` pharmacies.
pub fn stock(count: i64, lines: usize) -> Vec<Stock> {
    let row = |n: i64, drug: &Drug| Stock {
        pharmacy_id: Id::new(FIRST_PHARMACY + n),
        product_key: ProductKey::new(drug.name, drug.form, drug.spec),
        quantity: Quantity::from_ten_thousandths(1_000_000),
        unit_price: drug.price.parse().unwrap(),
        as_of: Moment::default(),
    };
    (0..count).flat_map(|n| DRUGS.iter().take(lines).map(move |drug| row(n, drug))).collect()
}

/// The registers that the checks look into, without a database.
pub fn registry(pharmacy_count: i64) -> Registry {
    let all = hospitals().into_iter().chain(pharmacies(pharmacy_count)).collect();
    Registry::new(1, all, people())
}

/// Puts everybody into an empty database, through the store and before any server runs.
pub fn register(database: &str, knowledge: &Knowledge, keys: &Keys) {
    let settings = Settings::new(database.to_owned(), knowledge.clone(), sm3);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = |id: i64| Client {
        id: client(id),
        institution_id: Id::new(id),
        role: if id < FIRST_PHARMACY { Role::Hospital } else { Role::Pharmacy },
        secret_hash: keys.secret_hash(&secret(id)),
    };
    let clients: Vec<Client> = institutions().map(client).collect();
    let all: Vec<Institution> = hospitals().into_iter().chain(pharmacies(PHARMACIES)).collect();
    let (people, stock) = (people(), stock(PHARMACIES, DRUGS.len()));
    runtime.block_on(async {
        let store = Store::open(settings).unwrap();
        let put = store.write(move |engine| {
            engine.put_institutions(&all)?;
            engine.put_practitioners(&people)?;
            engine.put_stock(&stock)?;
            engine.put_clients(&clients)
        });
        put.await.unwrap();
        store.close().await;
    });
}

/// Knowledge with this city's registry.
pub fn knowledge_of(knowledge: &Knowledge, pharmacy_count: i64) -> Knowledge {
    Knowledge { registry: Arc::new(registry(pharmacy_count)), ..knowledge.clone() }
}

/// The hospital that sends prescription `number`.
pub fn hospital_of(number: u64) -> i64 {
    1 + i64::try_from(number).unwrap() % HOSPITALS
}
/// The pharmacy that dispenses it.
pub fn pharmacy_of(number: u64) -> i64 {
    FIRST_PHARMACY + i64::try_from(number).unwrap() % PHARMACIES
}

/// Prescription `number` as its hospital sends it, issued a minute before `now`.
pub fn prescription(number: u64, lines: usize, now: Moment) -> String {
    let issued_at = now.plus(-MINUTE);
    let valid_until = issued_at.plus(3 * DAY);
    let (hospital, person) = (hospital_of(number), number % PEOPLE);
    let (doctor, reviewer) = (doctor(hospital), pharmacist(hospital));
    let lines: Vec<String> = DRUGS.iter().take(lines).map(line).collect();
    let lines = lines.join(",");
    format!(
        r#"{{"hosp_rxno":"BENCH-{number:09}","biz_type":"visit","attribute":"outpatient_pooling",
"issued_at":"{issued_at}","valid_until":"{valid_until}","long_rx":false,"long_rx_confirmed":false,
"doctor":"{doctor}","reviewer":"{reviewer}","patient":{{"name":"患者{person:04} (虚构)",
"id_number":"99010119500101{person:04}","sex":"female","birth_date":"1950-01-01",
"insured_area":"{AREA}","insurance":"employee"}},"diagnoses":["I10.x00"],"lines":[{lines}]}}"#
    )
}

fn line(drug: &Drug) -> String {
    let Drug { code, name, form, spec, .. } = drug;
    format!(
        r#"{{"kind":"western","drug_code":"{code}","generic_name":"{name}","dosage_form":"{form}",
"spec":"{spec}","quantity":"1","days":7,"approval":"not_needed","control":"none"}}"#
    )
}

/// What the pharmacy packs for it: one fresh box per line.
pub fn packed(number: u64) -> String {
    let line = |(drug, line_no): (&Drug, u64)| {
        let price = drug.price;
        format!(
            r#"{{"line_no":{line_no},"unit_price":"{price}","boxes":[{{"trace_code":"9900000{line_no:02}{number:011}",
"lot":"L0001","expires_on":"2098-01-01"}}]}}"#
        )
    };
    let lines: Vec<String> = DRUGS.iter().zip(1..).take(LINES).map(line).collect();
    format!(r#"{{"lines":[{}]}}"#, lines.join(","))
}
