//! The small town that tests happen in: hospitals, pharmacies, their people and their clients. All invented.

use chrono::NaiveDate;
use domain::institution::{
    Abilities, AgreementPeriod, AgreementStatus, Credentials, Institution, InstitutionId,
    InstitutionKind, Level, Place, Practitioner, Profession,
};
use domain::role::Role;
use rxgate::trust::keys::Keys;
use store::{Client, Store};

/// The secret of every client here.
pub const SECRET: &str = "a secret that only the tests know";
pub const AREA: &str = "540100";

/// Who takes part in a test.
#[derive(Clone)]
pub struct Town {
    pub institutions: Vec<Institution>,
    pub practitioners: Vec<Practitioner>,
}

/// The `n`-th hospital, from 1. Its doctor is `D<n>`, its pharmacist `HP<n>`.
pub fn hospital(n: i64) -> InstitutionId {
    InstitutionId::new(100 + n)
}
/// The `n`-th pharmacy, from 1. Its pharmacists are `P<n>A` and `P<n>B`.
pub fn pharmacy(n: i64) -> InstitutionId {
    InstitutionId::new(1000 + n)
}
pub fn doctor(n: i64) -> String {
    format!("D{n}")
}
pub fn hospital_pharmacist(n: i64) -> String {
    format!("HP{n}")
}
pub fn pharmacist(n: i64) -> String {
    format!("P{n}A")
}
/// The regulator's subject: an authority, not an institution.
pub const REGULATOR: i64 = 1;

/// The client id of an institution.
pub fn client(id: InstitutionId) -> String {
    format!("client-{id}")
}

impl Town {
    /// Two hospitals and `pharmacies` pharmacies, all in Lhasa, all active from 2020 to 2100.
    pub fn with(pharmacies: i64) -> Town {
        let mut town = Town { institutions: Vec::new(), practitioners: Vec::new() };
        for n in 1..=2 {
            town.institutions.push(institution(hospital(n), InstitutionKind::Hospital));
            town.employ(hospital(n), &doctor(n), Profession::Doctor);
            town.employ(hospital(n), &hospital_pharmacist(n), Profession::Pharmacist);
        }
        for n in 1..=pharmacies {
            town.institutions.push(institution(pharmacy(n), InstitutionKind::Pharmacy));
            town.employ(pharmacy(n), &pharmacist(n), Profession::Pharmacist);
            town.employ(pharmacy(n), &format!("P{n}B"), Profession::Pharmacist);
        }
        town
    }

    /// The `n`-th pharmacy delivers.
    pub fn delivering(mut self, n: i64) -> Town {
        for one in self.institutions.iter_mut().filter(|one| one.id == pharmacy(n)) {
            one.abilities.delivery = true;
        }
        self
    }

    /// Everybody is told of what concerns them at this address.
    pub fn told_at(mut self, url: &str) -> Town {
        for one in &mut self.institutions {
            one.notify_url = Some(format!("{url}/{}", one.id).into());
        }
        self
    }

    /// The `n`-th pharmacy under another agreement status from 2026 on.
    pub fn pharmacy_under(mut self, n: i64, status: AgreementStatus) -> Town {
        for one in self.institutions.iter_mut().filter(|one| one.id == pharmacy(n)) {
            one.agreement =
                vec![AgreementPeriod { from: day(2026, 1, 1), to: day(2100, 1, 1), status }];
        }
        self
    }

    /// Clients with their owner and role, one for each institution and one regulator.
    pub fn clients(&self) -> Vec<(String, i64, Role)> {
        let role = |kind| match kind {
            InstitutionKind::Hospital => Role::Hospital,
            InstitutionKind::Pharmacy => Role::Pharmacy,
        };
        let of = |one: &Institution| (client(one.id), one.id.raw(), role(one.kind));
        let mut all: Vec<_> = self.institutions.iter().map(of).collect();
        all.push(("client-regulator".to_owned(), REGULATOR, Role::Regulator));
        all
    }

    fn employ(&mut self, at: InstitutionId, code: &str, profession: Profession) {
        let (from, to) = (day(2020, 1, 1), day(2100, 1, 1));
        let code = code.into();
        let ineligible = Vec::new();
        let one = Practitioner { institution_id: at, code, profession, from, to, ineligible };
        self.practitioners.push(one);
    }
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn institution(id: InstitutionId, kind: InstitutionKind) -> Institution {
    let letter = if kind == InstitutionKind::Hospital { 'H' } else { 'P' };
    let (from, to) = (day(2020, 1, 1), day(2100, 1, 1));
    Institution {
        id,
        code: format!("{letter}{AREA}{:05}", id.raw()).into(),
        kind,
        name: format!("测试机构 {id}").into(),
        pooling_area: AREA.parse().unwrap(),
        county: "540102".into(),
        level: if kind == InstitutionKind::Hospital { Level::Third } else { Level::Grassroots },
        place: Some(Place { lon_udeg: 91_100_000 + id.raw() * 100, lat_udeg: 29_650_000 }),
        abilities: Abilities {
            dual_channel: true,
            outpatient_pooling: true,
            delivery: false,
            trace_connected: true,
            ..Abilities::default()
        },
        agreement: vec![AgreementPeriod { from, to, status: AgreementStatus::Active }],
        notify_url: None,
        credentials: Credentials::default(),
    }
}

/// Puts everybody of a town into the registers of a store.
pub async fn settle_in(store: &Store, keys: &Keys, town: &Town) {
    let clients: Vec<Client> = town
        .clients()
        .into_iter()
        .map(|(id, owner, role)| Client {
            id,
            institution_id: InstitutionId::new(owner),
            role,
            secret_hash: keys.secret_hash(SECRET),
        })
        .collect();
    let Town { institutions, practitioners } = town.clone();
    let put = move |engine: &mut dyn store::Engine| {
        engine.put_institutions(&institutions)?;
        engine.put_practitioners(&practitioners)?;
        engine.put_clients(&clients)
    };
    store.write(put).await.unwrap();
}
