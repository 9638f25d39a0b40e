//! The one integration binary: the gateway from outside, and what a test can hold the repository to.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test may stop at once, and reads its own environment"
)]

mod app;
mod auditor;
mod bad_input;
mod builders;
mod caller;
mod counter;
mod crash;
mod decide;
mod demo;
mod fake_peer;
mod flow;
mod life;
mod misuse;
mod once;
mod outbox;
mod postgres;
mod races;
mod record;
mod refusals;
mod registers;
mod repository;
mod returns;
mod roles;
mod rows;
mod rules;
mod schema;
mod storm;
mod tidy;
mod town;
mod trust;
