//! What is said otherwise in PostgreSQL's SQL than in SQLite's. Each macro gives a literal, for `concat!`.

/// The elements of a list that is bound as `Ids` or `Texts`, as rows of one column `value`.
macro_rules! each {
    ($list:literal) => {
        concat!("(SELECT value FROM unnest(", $list, ") AS listed (value))")
    };
}

/// Whether the owner in a column is at work: the session that holds its lock is there.
macro_rules! is_at_work {
    ($owner:literal) => {
        concat!("is_locked('worker ' || ", $owner, ")")
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

pub(in crate::adapters) use {each, is_at_work, mail_requests, skip_locked};
