//! Who a caller is to the gateway. Knows nothing of tokens or routes: `trust` carries the role,
//! `http` demands it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a caller may be. DESIGN §1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Hospital,
    Pharmacy,
    Patient,
    Regulator,
    Operator,
}

/// The text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a role: hospital, pharmacy, patient, regulator or operator")]
pub struct NotARole;

impl Role {
    pub const ALL: [Role; 5] =
        [Role::Hospital, Role::Pharmacy, Role::Patient, Role::Regulator, Role::Operator];

    /// The one spelling, in JSON, tokens and tables alike.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Hospital => "hospital",
            Role::Pharmacy => "pharmacy",
            Role::Patient => "patient",
            Role::Regulator => "regulator",
            Role::Operator => "operator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = NotARole;
    fn from_str(text: &str) -> Result<Role, NotARole> {
        Role::ALL.into_iter().find(|role| role.name() == text).ok_or(NotARole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_spelt_the_same_in_json_and_in_text() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
            let json = serde_json::to_string(&role).expect("json");
            assert_eq!(json, format!("\"{role}\""));
            assert_eq!(serde_json::from_str::<Role>(&json).expect("role"), role);
        }
        assert_eq!("Hospital".parse::<Role>(), Err(NotARole));
    }
}
