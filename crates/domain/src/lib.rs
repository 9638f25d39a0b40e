//! The pure core: values, catalogue, checks, routing, settlement and the verbs themselves.
//!
//! No `async`, no clock, no I/O, no randomness: whatever a function needs is an argument, so that every decision can be replayed.

#[macro_use]
mod text_form;
pub mod casebook;
pub mod catalogue;
pub mod check;
pub mod circulation;
pub mod dispensing;
pub mod finding;
pub mod hold;
pub mod id;
pub mod institution;
pub mod knowledge;
pub mod lifecycle;
pub mod line_states;
pub mod moment;
pub mod money;
pub mod prescription;
pub mod recall;
pub mod refusal;
pub mod region;
pub mod register;
pub mod role;
pub mod route;
pub mod settle;
pub mod verb;
pub mod world;
