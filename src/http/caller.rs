//! Who calls, as argument types: a handler that takes a [`Hospital`] cannot be reached by anybody else.
//!
//! Reads the bearer token; the owner id in it is the only owner a handler can pass on.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use domain::institution::{InstitutionId, PoolingArea};
use domain::prescription::PrescriptionId;
use domain::refusal::Reason;
use domain::role::Role;

use super::problem::Problem;
use crate::flow::Gate;

/// A hospital, by its institution id.
pub struct Hospital(pub InstitutionId);
/// A pharmacy, by its institution id.
pub struct Pharmacy(pub InstitutionId);
/// A patient, by the one prescription that they were admitted to.
pub struct Patient(pub PrescriptionId);
/// The insurance agency of one pooling area.
pub struct Agency(pub PoolingArea);
/// A regulator's user: sees pseudonyms only.
pub struct Regulator;

/// An institution that takes part, as a caller.
pub trait Member: FromRequest<Error = Problem, Future = Ready<Result<Self, Problem>>> {
    fn id(&self) -> InstitutionId;
}

impl Member for Hospital {
    fn id(&self) -> InstitutionId {
        self.0
    }
}
impl Member for Pharmacy {
    fn id(&self) -> InstitutionId {
        self.0
    }
}

fn subject(request: &HttpRequest, role: Role) -> Result<i64, Problem> {
    let gate = request.app_data::<Data<Gate>>().ok_or(Reason::Internal)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        header.and_then(|text| text.strip_prefix("Bearer ")).ok_or(Reason::Unauthenticated)?;
    let claims = gate.token_reader.read(token, gate.now()).map_err(|fault| {
        tracing::debug!(%fault, "token refused");
        Reason::Unauthenticated
    })?;
    if claims.role != role {
        return Err(Reason::Forbidden.into());
    }
    claims.sub.parse().map_err(|_| Reason::Unauthenticated.into())
}

impl FromRequest for Hospital {
    type Error = Problem;
    type Future = Ready<Result<Hospital, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(subject(request, Role::Hospital).map(|id| Hospital(InstitutionId::new(id))))
    }
}
impl FromRequest for Pharmacy {
    type Error = Problem;
    type Future = Ready<Result<Pharmacy, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(subject(request, Role::Pharmacy).map(|id| Pharmacy(InstitutionId::new(id))))
    }
}
impl FromRequest for Patient {
    type Error = Problem;
    type Future = Ready<Result<Patient, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(subject(request, Role::Patient).map(|id| Patient(PrescriptionId::new(id))))
    }
}
impl FromRequest for Agency {
    type Error = Problem;
    type Future = Ready<Result<Agency, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The subject of an agency is the division code of its area.
        let area = subject(request, Role::Agency)
            .and_then(|code| code.to_string().parse().map_err(|_| Reason::Unauthenticated.into()));
        ready(area.map(Agency))
    }
}
impl FromRequest for Regulator {
    type Error = Problem;
    type Future = Ready<Result<Regulator, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(subject(request, Role::Regulator).map(|_| Regulator))
    }
}
