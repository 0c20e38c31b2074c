//! What is said otherwise in SQLite's SQL than in PostgreSQL's. Each macro gives a literal, for `concat!`.

/// The elements of a list that is bound as `Ids` or `Texts`, as rows of one column `value`.
macro_rules! each {
    ($list:literal) => {
        concat!("(SELECT value FROM json_each(", $list, "))")
    };
}

/// Whether the owner in a column is at work: one process works on the ledger, so nobody else is.
macro_rules! is_at_work {
    ($owner:literal) => {
        "FALSE"
    };
}

/// Passes over rows that another transaction has: here there is none beside a change.
macro_rules! skip_locked {
    () => {
        ""
    };
}

/// The portal's table.
macro_rules! mail_requests {
    () => {
        "mail_requests"
    };
}

pub(in crate::adapters) use {each, is_at_work, mail_requests, skip_locked};
