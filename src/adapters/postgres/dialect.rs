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

/// The hour of an instant, in UTC, as text.
macro_rules! hour_of {
    ($instant:literal) => {
        concat!("to_char(", $instant, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\":00Z\"')")
    };
}

/// Which index a table is read by: the server chooses.
macro_rules! indexed_by {
    ($index:literal) => {
        ""
    };
}

/// Rows of names and numbers, gathered as the text of one JSON object.
macro_rules! json_of {
    ($name:literal, $number:literal) => {
        concat!("CAST(json_object_agg(", $name, ", ", $number, ") AS TEXT)")
    };
}

/// What stages of a run are ordered by: as they began.
macro_rules! stage_place {
    () => {
        "run_stage.place"
    };
}

pub(in crate::adapters) use {each, hour_of, indexed_by, json_of, mail_requests, skip_locked, stage_place};
