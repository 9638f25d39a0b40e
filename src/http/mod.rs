//! The door: every route of the gateway as one table. Only this folder names a status or a header.
//!
//! A handler takes a typed caller and a typed body, calls one flow (or one plain read) and returns its reply.

mod agency;
mod caller;
mod delivery;
pub mod field;
pub mod form;
mod hospital;
mod notices;
mod open;
mod openapi;
mod page;
mod patient;
mod pharmacy;
mod pharmacy_form;
mod post;
pub mod prescription_form;
pub mod problem;
mod regulator;

use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, FormConfig, PathConfig, PayloadConfig, QueryConfig, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, HttpResponseBuilder, Responder, Route, Scope};
use domain::refusal::{Fault, Reason, Refusal};
use domain::role::Role;

pub use post::MOST_BYTES;
use problem::Problem;

/// One line of the route table.
pub struct Door {
    pub method: Method,
    pub path: &'static str,
    /// Who may come through; none: everybody.
    pub role: Option<Role>,
    route: Route,
}

fn door<F, Args>(method: Method, path: &'static str, role: Option<Role>, handler: F) -> Door
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let route = web::method(method.clone()).to(handler);
    Door { method, path, role, route }
}

/// All routes. The role is also the type of the handler's caller; a test walks the table and tries every other role.
#[rustfmt::skip]
pub fn doors() -> Vec<Door> {
    const OPEN: Option<Role> = None;
    const HOSPITAL: Option<Role> = Some(Role::Hospital);
    const PHARMACY: Option<Role> = Some(Role::Pharmacy);
    const PATIENT: Option<Role> = Some(Role::Patient);
    const REGULATOR: Option<Role> = Some(Role::Regulator);
    const AGENCY: Option<Role> = Some(Role::Agency);
    vec![
        door(Method::POST, "/v1/token",                                     OPEN,      open::token),
        door(Method::GET,  "/errors",                                       OPEN,      open::errors),
        door(Method::GET,  "/healthz",                                      OPEN,      open::healthz),
        door(Method::GET,  "/readyz",                                       OPEN,      open::readyz),
        door(Method::GET,  "/openapi.json",                                 OPEN,      openapi::document),
        door(Method::POST, "/v1/hospital/checks",                           HOSPITAL,  hospital::check),
        door(Method::POST, "/v1/hospital/prescriptions",                    HOSPITAL,  hospital::submit),
        door(Method::GET,  "/v1/hospital/prescriptions",                    HOSPITAL,  hospital::list),
        door(Method::GET,  "/v1/hospital/prescriptions/{id}",               HOSPITAL,  hospital::show),
        door(Method::POST, "/v1/hospital/prescriptions/{id}/revocation",    HOSPITAL,  hospital::revoke),
        door(Method::POST, "/v1/hospital/prescriptions/{id}/answer",        HOSPITAL,  hospital::answer),
        door(Method::POST, "/v1/hospital/prescriptions/{id}/hold-decision", HOSPITAL,  hospital::decide_hold),
        door(Method::POST, "/v1/hospital/prescriptions/{id}/pickup-token",  HOSPITAL,  hospital::reissue),
        door(Method::GET,  "/v1/hospital/dead-letters",                     HOSPITAL,  notices::of_hospital),
        door(Method::POST, "/v1/hospital/dead-letters/{id}/resend",         HOSPITAL,  notices::resend_to_hospital),
        door(Method::GET,  "/v1/pharmacy/dead-letters",                     PHARMACY,  notices::of_pharmacy),
        door(Method::POST, "/v1/pharmacy/dead-letters/{id}/resend",         PHARMACY,  notices::resend_to_pharmacy),
        door(Method::POST, "/v1/patient/token",                             OPEN,      patient::admit),
        door(Method::GET,  "/v1/patient/prescription",                      PATIENT,   patient::show),
        door(Method::GET,  "/v1/patient/candidates",                        PATIENT,   patient::candidates),
        door(Method::GET,  "/v1/patient/entitlements",                      PATIENT,   patient::entitlements),
        door(Method::POST, "/v1/patient/entitlements/{id}/pharmacy",        PATIENT,   patient::change_pharmacy),
        door(Method::POST, "/v1/patient/choice",                            PATIENT,   patient::choose),
        door(Method::GET,  "/v1/pharmacy/worklist",                         PHARMACY,  pharmacy::worklist),
        door(Method::POST, "/v1/pharmacy/authorisations",                   PHARMACY,  pharmacy::authorise),
        door(Method::POST, "/v1/pharmacy/claims",                           PHARMACY,  pharmacy::claim),
        door(Method::POST, "/v1/pharmacy/stock",                            PHARMACY,  delivery::upload_stock),
        door(Method::GET,  "/v1/pharmacy/prescriptions/{id}",               PHARMACY,  pharmacy::show),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/release",       PHARMACY,  pharmacy::release),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/review",        PHARMACY,  pharmacy::review),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/preparation",   PHARMACY,  pharmacy::prepare),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/settlement",    PHARMACY,  pharmacy::settle),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/hand-over",     PHARMACY,  pharmacy::hand_over),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/order",         PHARMACY,  delivery::order),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/dispatch",      PHARMACY,  delivery::dispatch),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/signature",     PHARMACY,  delivery::sign_for),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/delivery-failure", PHARMACY, delivery::fail_delivery),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/return",        PHARMACY,  delivery::give_back),
        door(Method::POST, "/v1/pharmacy/prescriptions/{id}/nothing-left",  PHARMACY,  pharmacy::nothing_left),
        door(Method::POST, "/v1/agency/entries",                            AGENCY,    agency::enrol),
        door(Method::POST, "/v1/agency/entries/search",                     AGENCY,    agency::entries),
        door(Method::POST, "/v1/agency/entries/{id}/end",                   AGENCY,    agency::end_entry),
        door(Method::GET,  "/v1/agency/holds",                              AGENCY,    agency::holds),
        door(Method::POST, "/v1/agency/prescriptions/{id}/hold-decision",   AGENCY,    agency::decide_hold),
        door(Method::POST, "/v1/regulator/prescriptions/{id}/hold-decision", REGULATOR, regulator::decide_hold),
        door(Method::GET,  "/v1/regulator/prescriptions",                   REGULATOR, regulator::search),
        door(Method::GET,  "/v1/regulator/prescriptions/{id}/timeline",     REGULATOR, regulator::timeline),
        door(Method::GET,  "/v1/regulator/events",                          REGULATOR, regulator::events),
        door(Method::GET,  "/v1/regulator/audit",                           REGULATOR, regulator::audit),
        door(Method::GET,  "/v1/regulator/totals",                          REGULATOR, regulator::totals),
    ]
}

/// Opens all doors on a server.
pub fn configure(config: &mut ServiceConfig) {
    config.app_data(PayloadConfig::new(MOST_BYTES));
    config.service(web::redirect("/docs", "/docs/"));
    config.app_data(
        QueryConfig::default().error_handler(|fault, _| malformed("query", &fault).into()),
    );
    config
        .app_data(FormConfig::default().error_handler(|fault, _| malformed("form", &fault).into()));
    // What is no id is nobody's.
    config.app_data(
        PathConfig::default().error_handler(|_, _| Problem::from(Reason::NotFound).into()),
    );
    config.service(openapi::pages());
    // Doors behind the same id stand together, so that its pattern is tried once and not once for each of them.
    let mut behind_id: BTreeMap<&str, Scope> = BTreeMap::new();
    for Door { path, route, .. } in doors() {
        let Some((before, after)) = path.split_once("{id}") else {
            config.route(path, route);
            continue;
        };
        let scope = behind_id.remove(before);
        let scope = scope.unwrap_or_else(|| web::scope(&format!("{before}{{id}}")));
        behind_id.insert(before, scope.route(after, route));
    }
    for scope in behind_id.into_values() {
        config.service(scope);
    }
    config.default_service(web::to(nowhere));
}

fn malformed(field: &str, fault: &dyn fmt::Display) -> Problem {
    let fault = Fault::new(field, format!("无法识别：{fault}"), format!("Cannot be read: {fault}"));
    Refusal::with_faults(Reason::Malformed, vec![fault]).into()
}

async fn nowhere() -> Result<HttpResponse, Problem> {
    Err(Reason::NotFound.into())
}

/// What a command is answered.
type Replied = Result<HttpResponse, Problem>;

/// A reply that is JSON text already, repeated byte for byte; or the refusal.
fn reply(answer: Result<Box<str>, Refusal>) -> Replied {
    Ok(text(HttpResponse::Ok(), answer?))
}

fn text(mut answer: HttpResponseBuilder, json: Box<str>) -> HttpResponse {
    answer.insert_header((CONTENT_TYPE, "application/json")).body(String::from(json))
}
