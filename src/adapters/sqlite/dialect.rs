//! What is said otherwise in SQLite's SQL than in PostgreSQL's. Each macro gives a literal, for `concat!`.

/// The elements of a list that is bound as `Ids` or `Texts`, as rows of one column `value`.
macro_rules! each {
    ($list:literal) => {
        concat!("(SELECT value FROM json_each(", $list, "))")
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

/// The hour of an instant, in UTC, as text.
macro_rules! hour_of {
    ($instant:literal) => {
        concat!("substr(", $instant, ", 1, 13) || ':00Z'")
    };
}

/// Which index a table is read by.
macro_rules! indexed_by {
    ($index:literal) => {
        concat!("INDEXED BY ", $index)
    };
}

/// Rows of names and numbers, gathered as the text of one JSON object.
macro_rules! json_of {
    ($name:literal, $number:literal) => {
        concat!("json_group_object(", $name, ", ", $number, ")")
    };
}

/// What stages of a run are ordered by: as they began.
macro_rules! stage_place {
    () => {
        "run_stage.rowid"
    };
}

pub(in crate::adapters) use {each, hour_of, indexed_by, json_of, mail_requests, skip_locked, stage_place};
