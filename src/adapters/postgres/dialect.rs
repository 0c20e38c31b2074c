//! What is said otherwise in PostgreSQL's SQL than in SQLite's. Each macro gives a literal, for `concat!`.

/// The values of a column as the texts of one JSON object by the other column's: `{"mailed": 3}`.
macro_rules! counts_json {
    ($name:literal, $count:literal) => {
        concat!("coalesce(CAST(json_object_agg(", $name, ", ", $count, ") AS TEXT), '{}')")
    };
}

/// The elements of a list that is bound as `Ids` or `Texts`, as rows of one column `value`.
macro_rules! each {
    ($list:literal) => {
        concat!("(SELECT value FROM unnest(", $list, ") AS listed (value))")
    };
}

/// The hour of an instant, in UTC, as text.
macro_rules! hour_of {
    ($instant:literal) => {
        concat!("to_char(", $instant, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\":00Z\"')")
    };
}

/// Which index a table is read by: here the planner knows better.
macro_rules! indexed_by {
    ($index:literal) => {
        ""
    };
}

/// Whether the owner in a column is at work: the session that holds its lock is there.
macro_rules! is_at_work {
    ($owner:literal) => {
        concat!("is_locked('worker ' || ", $owner, ")")
    };
}

/// The portal's table.
macro_rules! mail_requests {
    () => {
        "intake.mail_requests"
    };
}

/// Passes over rows that another transaction has.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// What stages of a run are ordered by: as they began.
macro_rules! stage_place {
    () => {
        "run_stage.place"
    };
}

pub(in crate::adapters) use {
    counts_json, each, hour_of, indexed_by, is_at_work, mail_requests, skip_locked, stage_place,
};
