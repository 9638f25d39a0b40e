//! The interface as OpenAPI 3.1, generated from the handlers, and a page to try it on, without a network.

use actix_web::web::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

use super::{agency, delivery, hospital, notices, open, patient, pharmacy, regulator};

#[derive(OpenApi)]
#[openapi(
    info(title = "rxgate", description = "电子处方流转与双通道药店网关 / e-prescription circulation gateway"),
    modifiers(&Tokens),
    paths(
        open::token, open::errors, open::healthz, open::readyz,
        hospital::check, hospital::submit, hospital::list, hospital::show, hospital::revoke, hospital::answer,
        hospital::reissue, hospital::decide_hold,
        patient::admit, patient::show, patient::candidates, patient::choose,
        patient::entitlements, patient::change_pharmacy,
        pharmacy::worklist, pharmacy::authorise, pharmacy::claim, pharmacy::show, pharmacy::release, pharmacy::review,
        pharmacy::prepare, pharmacy::settle, pharmacy::hand_over, pharmacy::nothing_left,
        delivery::upload_stock, delivery::order, delivery::dispatch, delivery::sign_for, delivery::fail_delivery,
        delivery::give_back,
        notices::of_hospital, notices::of_pharmacy, notices::resend_to_hospital, notices::resend_to_pharmacy,
        agency::enrol, agency::entries, agency::end_entry, agency::holds, agency::decide_hold,
        regulator::search, regulator::timeline, regulator::events, regulator::audit, regulator::totals, regulator::decide_hold,
    ),
)]
pub struct Interface;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The document, as served at `/openapi.json`.
pub async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Interface::openapi())
}

/// The pages under `/docs/`; every asset is in the binary.
pub fn pages() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json"))
}
