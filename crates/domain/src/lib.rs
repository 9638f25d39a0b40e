//! The pure core: values, catalogue, checks, routing, settlement and the verbs themselves.
//!
//! No `async`, no clock, no I/O, no randomness: whatever a function needs is an argument, so that every decision can be replayed.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

#[macro_use]
mod text_form;
pub mod catalogue;
pub mod id;
pub mod moment;
pub mod money;
