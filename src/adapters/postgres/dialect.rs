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

/// The log's entries of a kind, each as JSON, as rows of `seq` and `entry`. OFFSET keeps the planner from reading an entry's JSON
/// again for each thing that it is asked.
macro_rules! entries_of {
    ($kind:literal) => {
        concat!("(SELECT seq, entry_json(entry) AS entry FROM audit_entry WHERE kind = '", $kind, "' OFFSET 0)")
    };
}

/// An entry's bytes as JSON.
macro_rules! entry_json {
    ($bytes:literal) => {
        concat!("entry_json(", $bytes, ")")
    };
}

/// What an entry, as JSON in the column `entry`, says of itself, as text: `kind`, `at`, `v`.
macro_rules! entry_says {
    ($field:literal) => {
        concat!("(entry ->> '", $field, "')")
    };
}

/// The largest of several values, of which none is NULL.
macro_rules! greatest {
    ($values:literal) => {
        concat!("greatest(", $values, ")")
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

/// An instant as the log writes it.
macro_rules! instant_text {
    ($column:literal) => {
        concat!("to_char(", $column, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
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

/// A number in the data of an entry, as JSON in the column `entry`.
macro_rules! number_said {
    ($field:literal) => {
        concat!(
            "CASE WHEN jsonb_typeof(entry -> 'data' -> '",
            $field,
            "') = 'number' THEN CAST(entry -> 'data' -> '",
            $field,
            "' AS BIGINT) END"
        )
    };
}

/// What the data of an entry, as JSON in the column `entry`, says, as text.
macro_rules! said {
    ($field:literal) => {
        concat!("(entry -> 'data' ->> '", $field, "')")
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
    counts_json, each, entries_of, entry_json, entry_says, greatest, hour_of, indexed_by, instant_text, is_at_work,
    mail_requests, number_said, said, skip_locked, stage_place,
};
