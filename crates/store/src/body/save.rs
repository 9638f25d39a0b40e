//! What a batch writes, table by table.

use diesel::QueryResult;

use super::super::{Conn, write};
use crate::saving::Saving;
use crate::written::{Fails, Renews};

/// What is referred to comes first.
pub(super) fn all(conn: &mut Conn, saving: &Saving) -> QueryResult<()> {
    write::<_, Fails>(conn, &saving.prescriptions)?;
    write::<_, Fails>(conn, &saving.lines)?;
    write::<_, Renews>(conn, &saving.circulations)?;
    write::<_, Renews>(conn, &saving.dispensings)?;
    write::<_, Fails>(conn, &saving.new_boxes)?;
    write::<_, Renews>(conn, &saving.boxes)?;
    write::<_, Fails>(conn, &saving.settlements)?;
    write::<_, Fails>(conn, &saving.postings)?;
    write::<_, Renews>(conn, &saving.usages)?;
    write::<_, Fails>(conn, &saving.events)?;
    write::<_, Fails>(conn, &saving.notices)?;
    write::<_, Fails>(conn, &saving.commands)?;
    Ok(())
}
