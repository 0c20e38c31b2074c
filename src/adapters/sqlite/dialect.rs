//! What is said otherwise in SQLite's SQL than in PostgreSQL's. Each macro gives a literal, for `concat!`.

/// The values of a column as the texts of one JSON object by the other column's: `{"mailed": 3}`.
macro_rules! counts_json {
    ($name:literal, $count:literal) => {
        concat!("coalesce(json_group_object(", $name, ", ", $count, "), '{}')")
    };
}

/// The elements of a list that is bound as `Ids` or `Texts`, as rows of one column `value`.
macro_rules! each {
    ($list:literal) => {
        concat!("(SELECT value FROM json_each(", $list, "))")
    };
}

/// The hour of an instant, in UTC, as text.
macro_rules! hour_of {
    ($instant:literal) => {
        concat!("substr(", $instant, ", 1, 13) || ':00Z'")
    };
}

/// Which index a table is read by, where the planner would choose another.
macro_rules! indexed_by {
    ($index:literal) => {
        concat!(" INDEXED BY ", $index)
    };
}

/// Whether the owner in a column is at work: one process works on the ledger, so nobody else is.
macro_rules! is_at_work {
    ($owner:literal) => {
        "FALSE"
    };
}

/// The portal's table.
macro_rules! mail_requests {
    () => {
        "mail_requests"
    };
}

/// Passes over rows that another transaction has: here there is none beside a change.
macro_rules! skip_locked {
    () => {
        ""
    };
}

/// What stages of a run are ordered by: as they began.
macro_rules! stage_place {
    () => {
        "run_stage.rowid"
    };
}

pub(in crate::adapters) use {
    counts_json, each, hour_of, indexed_by, is_at_work, mail_requests, skip_locked, stage_place,
};
