//! A row of a request file as it was found, before anything is judged.

/// Every column that a row may have, in the order of the documented header; the last two are optional in files.
pub const COLUMNS: [&str; 16] = [
    "reference",
    "username",
    "full_name",
    "address_line_1",
    "address_line_2",
    "city",
    "state",
    "postal_code",
    "country",
    "phone",
    "second_factor",
    "language",
    "format",
    "requested_at",
    "address_basis",
    "address_since",
];

/// The columns without which no row can be good: a file that lacks one is refused whole.
pub const REQUIRED_COLUMNS: [&str; 7] =
    ["reference", "username", "full_name", "address_line_1", "city", "second_factor", "requested_at"];

/// Stands in [`FieldProblem::column`] where the row as a whole is at fault.
pub const WHOLE_ROW: &str = "row";

/// One thing that is wrong with a row.
///
/// Its texts may stand in logs, so they repeat no more of a row than a code word or a ZIP code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldProblem {
    /// The column, or [`WHOLE_ROW`].
    pub column: &'static str,
    /// What was found.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// Defines [`RawRequest`] with one optional text for each column, and the way to it by the column's name.
macro_rules! raw_request {
    ($($(#[$doc:meta])* $column:ident),+ $(,)?) => {
        /// A row as it was found: one text a column, `None` where the column is absent.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct RawRequest {
            $($(#[$doc])* pub $column: Option<String>),+
        }

        impl RawRequest {
            /// The field of the column with this name; `None` for a name that is not in [`COLUMNS`].
            pub fn column_mut(&mut self, column: &str) -> Option<&mut Option<String>> {
                match column {
                    $(stringify!($column) => Some(&mut self.$column),)+
                    _ => None,
                }
            }
        }
    };
}

raw_request! {
    /// The portal's own id of the request.
    reference,
    /// The account.
    username,
    /// The person's name as it goes on the letter.
    full_name,
    /// Street and number, PO box, or military unit.
    address_line_1,
    /// Apartment, suite or other second line.
    address_line_2,
    /// City, or APO, FPO, DPO.
    city,
    /// State, territory or military area; free text abroad.
    state,
    /// ZIP code; free text abroad.
    postal_code,
    /// ISO 3166-1 alpha-2; the United States where empty.
    country,
    /// Accepted and not kept.
    phone,
    /// `email` or `phone`.
    second_factor,
    /// `en` or `es`; English where empty.
    language,
    /// `standard` or `large-print`; standard where empty.
    format,
    /// RFC 3339, with an offset.
    requested_at,
    /// `of-record` or `supplied`.
    address_basis,
    /// A calendar date.
    address_since,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_own_field() {
        let mut raw = RawRequest::default();
        for column in COLUMNS {
            let field = raw.column_mut(column).unwrap();
            assert_eq!(field.replace(column.to_owned()), None, "{column}");
        }
        assert_eq!(raw.address_since.as_deref(), Some("address_since"));
        assert!(raw.column_mut("password").is_none());
        assert!(REQUIRED_COLUMNS.iter().all(|column| COLUMNS.contains(column)));
    }
}
