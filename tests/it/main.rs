//! The one integration binary: the gateway from outside, and what a test can hold the repository to.

mod postgres;
