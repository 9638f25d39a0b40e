//! The one integration binary: the gateway from outside, and what a test can hold the repository to.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test may stop at once, and reads its own environment"
)]

mod postgres;
mod repository;
mod rules;
mod tidy;
mod trust;
