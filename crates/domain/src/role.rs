//! Who may call what: the roles that the one route table names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Hospital,
    Pharmacy,
    /// A patient with the pick-up token and the second factor, for one prescription.
    Patient,
    Regulator,
    /// The insurance agency (经办机构) of one pooling area.
    Agency,
}

impl Role {
    pub const ALL: [Role; 5] =
        [Role::Hospital, Role::Pharmacy, Role::Patient, Role::Regulator, Role::Agency];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown role")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Role, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.to_string() == text).ok_or(UnknownRole)
    }
}
