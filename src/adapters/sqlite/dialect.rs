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

/// The log's entries of a kind, each as JSON, as rows of `seq` and `entry`. The bytes are searched first: to read each entry of a
/// long log would take longer.
macro_rules! entries_of {
    ($kind:literal) => {
        concat!(
            "(SELECT seq, entry FROM (SELECT seq, CAST(entry AS TEXT) AS entry FROM audit_entry WHERE instr(entry, CAST('\"kind\":\"",
            $kind,
            "\"' AS BLOB)) > 0) WHERE entry ->> '$.kind' = '",
            $kind,
            "')"
        )
    };
}

/// An entry's bytes as JSON.
macro_rules! entry_json {
    ($bytes:literal) => {
        concat!("CAST(", $bytes, " AS TEXT)")
    };
}

/// What an entry, as JSON in the column `entry`, says of itself, as text: `kind`, `at`, `v`.
macro_rules! entry_says {
    ($field:literal) => {
        concat!("CAST(entry ->> '$.", $field, "' AS TEXT)")
    };
}

/// The largest of several values, of which none is NULL.
macro_rules! greatest {
    ($values:literal) => {
        concat!("max(", $values, ")")
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

/// An instant as the log writes it.
macro_rules! instant_text {
    ($column:literal) => {
        $column
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

/// A number in the data of an entry, as JSON in the column `entry`.
macro_rules! number_said {
    ($field:literal) => {
        concat!("CAST(entry ->> '$.data.", $field, "' AS INTEGER)")
    };
}

/// What the data of an entry, as JSON in the column `entry`, says, as text. The cast lets it be looked up.
macro_rules! said {
    ($field:literal) => {
        concat!("CAST(entry ->> '$.data.", $field, "' AS TEXT)")
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
    counts_json, each, entries_of, entry_json, entry_says, greatest, hour_of, indexed_by, instant_text, is_at_work,
    mail_requests, number_said, said, skip_locked, stage_place,
};
