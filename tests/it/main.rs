//! The integration tests: one binary.

mod trust;
