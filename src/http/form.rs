//! What a body may hold. A form is made of members that never fail to parse; reading it gives the content or every fault.

use domain::refusal::Refusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::field::{Faults, Field, Text, Unknown};

pub trait Form: DeserializeOwned + 'static {
    type Content;
    /// Takes the members out and notes what is wrong with them; `None` where something needed is not there.
    fn take(self, faults: &mut Faults) -> Option<Self::Content>;

    /// The content. Refused: `Malformed` with all faults.
    fn read(self) -> Result<Self::Content, Refusal> {
        let mut faults = Faults::default();
        let content = self.take(&mut faults);
        faults.finish(content)
    }
}

/// A command without content.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EmptyForm {
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for EmptyForm {
    type Content = ();
    fn take(self, faults: &mut Faults) -> Option<()> {
        faults.unknown(&self.unknown);
        Some(())
    }
}

/// Why something is done, 1 to 200 characters.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NoteForm {
    #[serde(default)]
    #[schema(value_type = String)]
    note: Field<Text<1, 200>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for NoteForm {
    type Content = Box<str>;
    fn take(self, faults: &mut Faults) -> Option<Box<str>> {
        faults.unknown(&self.unknown);
        faults.required("note", self.note).map(Text::into_inner)
    }
}
