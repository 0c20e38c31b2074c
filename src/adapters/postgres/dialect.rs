//! What is said otherwise in PostgreSQL's SQL than in SQLite's. Each macro gives a literal, for `concat!`.

/// The elements of a list that is bound as `Ids` or `Texts`, as rows of one column `value`.
macro_rules! each {
    ($list:literal) => {
        concat!("(SELECT value FROM unnest(", $list, ") AS listed (value))")
    };
}

/// Passes over rows that another transaction has.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// The portal's table.
macro_rules! mail_requests {
    () => {
        "intake.mail_requests"
    };
}

pub(in crate::adapters) use {each, mail_requests, skip_locked};
