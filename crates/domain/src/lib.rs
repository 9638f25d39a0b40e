//! The pure core: values, catalogue, checks, routing, settlement and the verbs themselves.
//!
//! No `async`, no clock, no I/O, no randomness: whatever a function needs is an argument, so that every decision can be replayed.

#[macro_use]
mod text_form;
pub mod id;
pub mod moment;
pub mod money;
