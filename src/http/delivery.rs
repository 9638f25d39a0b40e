//! The doors of a pharmacy around the counter: ordered in, dispatched, signed for, come back; and what is on its shelves.

use std::collections::HashSet;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::moment::Moment;
use domain::money::{Quantity, Yuan};
use domain::prescription::ProductKey;
use domain::route::Stock;
use domain::verb::{
    DeliveryReply, Dispatch, FailDelivery, GiveBack, GiveBackReply, Order, OrderReply, SignFor,
    Verb,
};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::caller::Pharmacy;
use super::field::{Faults, Field, Text, Unknown};
use super::form::{CollectForm, Form, NoteForm};
use super::post::{Body, On};
use super::problem::{Problem, ProblemBody};
use super::{Replied, reply};
use crate::flow::{Gate, unreadable};

/// Products of one upload.
const MOST_ITEMS: usize = 500;

#[derive(Debug, Deserialize, ToSchema)]
pub struct OrderForm {
    /// When the drug will be there, as the patient agreed.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime)]
    promised_at: Field<Moment>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for OrderForm {
    type Content = Moment;
    fn take(self, faults: &mut Faults) -> Option<Moment> {
        faults.unknown(&self.unknown);
        faults.required("promised_at", self.promised_at)
    }
}

/// What is on the shelves as of one instant.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StockForm {
    /// When it was counted; an older count never replaces a newer one.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime)]
    as_of: Field<Moment>,
    /// 1 to 500 products; what is not named stays as it was.
    #[serde(default)]
    #[schema(value_type = Vec<StockItem>)]
    items: Field<Vec<Field<StockItem>>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

/// One product by generic name, form and spec: any maker's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockItem {
    #[schema(value_type = String)]
    generic_name: Text<1, 200>,
    #[schema(value_type = String)]
    dosage_form: Text<1, 100>,
    #[schema(value_type = String)]
    spec: Text<1, 200>,
    /// Packages; 0: none left.
    #[schema(value_type = String, example = "0")]
    quantity: OnShelf,
    /// Price of one package, in yuan.
    unit_price: Yuan,
}

/// A count of packages, which may be none.
#[derive(Clone, Copy, Debug)]
struct OnShelf(Quantity);

impl<'de> Deserialize<'de> for OnShelf {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<OnShelf, D::Error> {
        let text = String::deserialize(from)?;
        let none = text == "0";
        let count = if none { Ok(Quantity::ZERO) } else { text.parse() };
        count.map(OnShelf).map_err(D::Error::custom)
    }
}

impl Form for StockForm {
    /// The count and what was counted.
    type Content = (Moment, Vec<StockItem>);
    fn take(self, faults: &mut Faults) -> Option<(Moment, Vec<StockItem>)> {
        faults.unknown(&self.unknown);
        let as_of = faults.required("as_of", self.as_of);
        let items = faults.required("items", self.items)?;
        if items.is_empty() || items.len() > MOST_ITEMS {
            faults.note("items", "应为 1 至 500 项。", "Give 1 to 500 items.");
            return None;
        }
        let items = items.into_iter().enumerate();
        // Every item is read, also after a bad one: all faults at once.
        let read: Vec<Option<StockItem>> =
            items.map(|(at, item)| one_item(at, item, faults)).collect();
        let read: Vec<StockItem> = read.into_iter().collect::<Option<_>>()?;
        let mut seen = HashSet::new();
        for (at, item) in read.iter().enumerate() {
            if !seen.insert(item.product_key()) {
                let zh = "同一药品（通用名、剂型、规格）出现两次，请合并。";
                let en = "The same drug (name, form, spec) comes twice; give it once.";
                faults.note(&format!("items[{at}]"), zh, en);
            }
        }
        as_of.zip(Some(read))
    }
}

impl StockItem {
    fn product_key(&self) -> ProductKey {
        let StockItem { generic_name, dosage_form, spec, .. } = self;
        ProductKey::new(generic_name.as_str(), dosage_form.as_str(), spec.as_str())
    }
}

fn one_item(at: usize, item: Field<StockItem>, faults: &mut Faults) -> Option<StockItem> {
    let name = format!("items[{at}]");
    let item = faults.required(&name, item)?;
    if item.unit_price <= Yuan::ZERO {
        let field = format!("{name}.unit_price");
        faults.note(&field, "单价须大于 0 元。", "The price must be above 0 yuan.");
        return None;
    }
    Some(item)
}

/// Uploads what is on the shelves; routing shows it to patients at once.
#[utoipa::path(post, path = "/v1/pharmacy/stock", tag = "pharmacy", security(("token" = [])), request_body = StockForm,
    responses((status = 204), (status = 400, body = ProblemBody)))]
pub async fn upload_stock(
    gate: Data<Gate>,
    Pharmacy(pharmacy_id): Pharmacy,
    Body((as_of, items)): Body<StockForm>,
) -> Result<HttpResponse, Problem> {
    let stock = |item: StockItem| Stock {
        pharmacy_id,
        product_key: item.product_key(),
        quantity: item.quantity.0,
        unit_price: item.unit_price,
        // What is said to be counted in the future is counted now.
        as_of: as_of.min(gate.now()),
    };
    let all: Vec<Stock> = items.into_iter().map(stock).collect();
    gate.store.write(move |engine| engine.put_stock(&all)).await.map_err(unreadable)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Orders a drug in: the prescription is kept until the promised time.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/order", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = OrderForm,
    responses((status = 200, body = OrderReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn order(gate: Data<Gate>, on: On<Pharmacy, OrderForm>) -> Replied {
    let On { by: pharmacy_id, id: prescription_id, content: promised_at, call, .. } = on;
    let verb = Order { pharmacy_id, prescription_id, promised_at };
    reply(gate.commit(call, Verb::Order(verb)).await)
}

/// Sends what is settled on its way.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/dispatch", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NoteForm,
    responses((status = 200, body = DeliveryReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn dispatch(gate: Data<Gate>, on: On<Pharmacy, NoteForm>) -> Replied {
    let On {
        by: pharmacy_id,
        id: prescription_id,
        dispensing: dispensing_id,
        content: note,
        call,
        ..
    } = on;
    let verb = Dispatch { pharmacy_id, prescription_id, dispensing_id, note };
    reply(gate.commit(call, Verb::Dispatch(verb)).await)
}

/// The delivery is signed for.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/signature", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = CollectForm,
    responses((status = 200, body = DeliveryReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn sign_for(gate: Data<Gate>, on: On<Pharmacy, CollectForm>) -> Replied {
    let On {
        by: pharmacy_id,
        id: prescription_id,
        dispensing: dispensing_id,
        content: proxy,
        call,
        ..
    } = on;
    let proxy = proxy.map(|number| number.pseudonym(&gate.keys));
    let verb = SignFor { pharmacy_id, prescription_id, dispensing_id, proxy };
    reply(gate.commit(call, Verb::SignFor(verb)).await)
}

/// The delivery came back.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/delivery-failure", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NoteForm,
    responses((status = 200, body = DeliveryReply), (status = 409, body = ProblemBody)))]
pub async fn fail_delivery(gate: Data<Gate>, on: On<Pharmacy, NoteForm>) -> Replied {
    let On {
        by: pharmacy_id,
        id: prescription_id,
        dispensing: dispensing_id,
        content: note,
        call,
        ..
    } = on;
    let verb = FailDelivery { pharmacy_id, prescription_id, dispensing_id, note };
    reply(gate.commit(call, Verb::FailDelivery(verb)).await)
}

/// Takes a settlement back: before the drugs left, or because of their quality.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/return", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NoteForm,
    responses((status = 200, body = GiveBackReply), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn give_back(gate: Data<Gate>, on: On<Pharmacy, NoteForm>) -> Replied {
    let On {
        by: pharmacy_id,
        id: prescription_id,
        dispensing: dispensing_id,
        content: reason,
        call,
        ..
    } = on;
    let verb = GiveBack { pharmacy_id, prescription_id, dispensing_id, reason };
    reply(gate.commit(call, Verb::GiveBack(verb)).await)
}
