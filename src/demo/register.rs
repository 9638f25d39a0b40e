//! Puts the demo world's registers into the database: who takes part, what is on the shelves, who may ask for a token.

use domain::institution::InstitutionKind;
use domain::moment::Moment;
use domain::money::Quantity;
use domain::role::Role;
use domain::route::Stock;
use store::{Client, StoreError};

use super::world::{House, World, client_secret};
use crate::flow::Gate;
use crate::trust::keys::Keys;

/// The regulator's client.
pub const REGULATOR: &str = "demo-regulator";
/// Packages of a drug on a shelf; grams of a decoction piece. More than a run can use.
const ON_SHELF: i64 = 100_000;

/// Loads everything; the gateway then knows it.
pub async fn load(gate: &Gate, world: &World, now: Moment) -> Result<(), StoreError> {
    let institutions: Vec<_> = world.houses().map(|house| house.institution.clone()).collect();
    let people: Vec<_> = world.houses().flat_map(House::practitioners).collect();
    let stock: Vec<Stock> =
        world.pharmacies.iter().flat_map(|house| shelf(world, house, now)).collect();
    let clients = clients(world, &gate.keys);
    let put = gate.store.write(move |engine| {
        engine.put_institutions(&institutions)?;
        engine.put_practitioners(&people)?;
        engine.put_stock(&stock)?;
        engine.put_clients(&clients)
    });
    put.await?;
    gate.store.refresh_registry().await
}

fn shelf(world: &World, house: &House, now: Moment) -> Vec<Stock> {
    let stocked = world.formulary.iter().filter(|drug| house.stocks(world.seed, drug));
    let row = |drug| Stock {
        pharmacy_id: house.institution.id,
        product_key: super::world::Drug::product_key(drug),
        quantity: Quantity::from_ten_thousandths(ON_SHELF * 10_000),
        unit_price: house.price(drug),
        as_of: now,
    };
    stocked.map(row).collect()
}

fn clients(world: &World, keys: &Keys) -> Vec<Client> {
    let client = |house: &House| {
        let (id, secret) = house.client(world.seed);
        let role = match house.institution.kind {
            InstitutionKind::Hospital => Role::Hospital,
            InstitutionKind::Pharmacy => Role::Pharmacy,
        };
        let secret_hash = keys.secret_hash(&secret);
        Client { id, institution_id: house.institution.id, role, secret_hash }
    };
    let regulator = Client {
        id: REGULATOR.to_owned(),
        institution_id: domain::id::Id::new(0),
        role: Role::Regulator,
        secret_hash: keys.secret_hash(&client_secret(world.seed, REGULATOR)),
    };
    world.houses().map(client).chain([regulator]).collect()
}
