//! The gateway between hospitals that issue insured e-prescriptions and the pharmacies that dispense them.

pub mod trust;
