//! The log only grows, whoever writes to it and however.

use letterpost::audit::merkle::Hash;
use letterpost::ports::ledger::{Decision, KeyChange, LedgerResult};

use crate::book::sql::{CHECKED, Said, Sql, both, taken};
use crate::book::{Book, Kind, at};

pub async fn no_statement_changes_the_log(kind: Kind) {
    let book = Book::on(kind).await;
    for number in 0..5 {
        book.ask(&format!("R-{number}"), &format!("person-{number}")).await;
    }
    book.ledger.take_head(&unsigned, at()).await.unwrap();
    book.ask("R-5", "person-5").await;
    book.ledger.take_head(&unsigned, at()).await.unwrap();
    let mut sql = book.sql().await;
    let before = sql.everything().await;
    let sizes = sql.column("SELECT CAST(size AS TEXT) FROM audit_head ORDER BY size").await;
    let [size, next] = [sizes[0].parse::<u64>().unwrap(), sizes[1].parse().unwrap()];
    assert!(size < next && sizes.len() == 2, "{sizes:?}");
    let one = sql.bytes("00");
    let mut wrong = vec![
        (format!("UPDATE audit_entry SET entry = {one} WHERE seq = 2"), both("never changed")),
        ("UPDATE audit_entry SET entry = entry".to_owned(), both("never changed")),
        ("UPDATE audit_entry SET kind = kind".to_owned(), taken("cannot UPDATE generated column", "never changed")),
        ("DELETE FROM audit_entry WHERE seq = 2".to_owned(), both("never deleted")),
        ("DELETE FROM audit_entry".to_owned(), both("never deleted")),
        (entry(&sql, "INSERT", &(next + 1).to_string()), both("only grows")),
        (entry(&sql, "INSERT", &(next + 7).to_string()), both("only grows")),
        (entry(&sql, "INSERT", "2"), TAKEN),
        (entry(&sql, "INSERT", "-1"), taken("only grows", "violates check constraint")),
        (
            format!("{}, ({}, {one}, {})", entry(&sql, "INSERT", &next.to_string()), next + 2, zeros(&sql)),
            both("only grows"),
        ),
        ("UPDATE audit_head SET note = NULL".to_owned(), both("never changed")),
        ("DELETE FROM audit_head".to_owned(), both("never deleted")),
        (head(&sql, "INSERT", &(size - 1).to_string()), both("larger than the one before")),
    ];
    if kind == Kind::Sqlite {
        wrong.extend([
            ("UPDATE OR REPLACE audit_entry SET seq = 1 WHERE seq = 2".to_owned(), both("never changed")),
            (entry(&sql, "INSERT OR REPLACE", "2"), both("only grows")),
            (entry(&sql, "REPLACE", &(next - 1).to_string()), both("only grows")),
            (entry(&sql, "INSERT OR IGNORE", "0"), both("only grows")),
            (
                format!("{} ON CONFLICT (seq) DO UPDATE SET entry = excluded.entry", entry(&sql, "INSERT", "2")),
                both("only grows"),
            ),
            (head(&sql, "INSERT OR REPLACE", &size.to_string()), both("larger than the one before")),
            (head(&sql, "REPLACE", &next.to_string()), both("larger than the one before")),
            (format!("UPDATE OR REPLACE audit_head SET size = {size}"), both("never changed")),
        ]);
    } else {
        let conflict = format!("{} ON CONFLICT (seq) DO UPDATE SET entry = excluded.entry", entry(&sql, "INSERT", "2"));
        wrong.extend([
            (conflict, both("never changed")),
            ("TRUNCATE audit_entry".to_owned(), both("never deleted")),
            (
                format!("SET session_replication_role = replica; {}", entry(&sql, "INSERT", &(next + 1).to_string())),
                both("only grows"),
            ),
        ]);
    }
    for (statement, words) in wrong {
        sql.refused_as(&statement, &words).await;
        assert_eq!(sql.everything().await, before, "{statement}");
    }
    // A hash that is no hash is refused even in its place.
    let short = format!("INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES ({next}, {one}, {one})");
    sql.refused_as(&short, &CHECKED).await;
    assert_eq!(sql.everything().await, before);
}

/// A head covers its change's own entries too, in a log that has a perfect subtree.
pub async fn a_head_covers_all_that_is_in_the_log(kind: Kind) {
    let book = Book::on(kind).await;
    let people: Vec<(String, String)> = (0..300).map(|n| (format!("R-{n}"), format!("person-{n}"))).collect();
    book.ask_all(&people).await;
    let head = book.ledger.take_head(&unsigned, at()).await.unwrap();
    assert_eq!((head.size, book.ledger.log_size().await.unwrap()), (301, 301));
    assert_eq!(book.ledger.subtrees(1, 0, 9).await.unwrap().len(), 1);
    let key = KeyChange { before: None, after: "a key".to_owned(), is_lost: false };
    let decision = Decision { reason: "yearly".to_owned(), by: Some("Robin Sample".to_owned()) };
    let signed = book.ledger.rotate_log_key(&key, &decision, &unsigned, at()).await.unwrap();
    assert_eq!((signed.size, book.ledger.last_head().await.unwrap()), (302, Some(signed.clone())));
    assert_eq!(book.ledger.take_head(&unsigned, at()).await.unwrap(), signed, "nothing was appended");
}

/// What an entry is about is read from its bytes, whatever else a statement says, and nothing is known of what is no entry.
pub async fn an_entry_is_about_what_its_bytes_say(kind: Kind) {
    let book = Book::on(kind).await;
    let mut sql = book.sql().await;
    let text =
        r#"{"at":"2026-11-21T03:30:00Z","data":{"letter":"AAAAA-AAAAA","reference":"R-1"},"kind":"letter.mailed"}"#;
    let (entry, none) = (sql.bytes(&hex::encode(text)), sql.bytes("ff00"));
    let columns = match kind {
        Kind::Sqlite => ["seq, entry, leaf_hash", ""],
        Kind::Postgres => ["seq, entry, leaf_hash, kind, letter", ", 'letter.pulled', 'BBBBB-BBBBB'"],
    };
    for (seq, entry) in [(0, entry), (1, none)] {
        let zeros = zeros(&sql);
        sql.run(&format!("INSERT INTO audit_entry ({}) VALUES ({seq}, {entry}, {zeros}{})", columns[0], columns[1]))
            .await
            .unwrap();
    }
    let told = "SELECT coalesce(at || kind || letter || reference, '-') || coalesce(package, '-') FROM audit_entry ORDER BY seq";
    assert_eq!(sql.column(told).await, ["2026-11-21T03:30:00Zletter.mailedAAAAA-AAAAAR-1-", "--"]);
}

/// A place that is taken, which a key says on PostgreSQL.
const TAKEN: Said = Said { on_sqlite: "only grows", on_postgres: "duplicate key value" };

fn unsigned(size: u64, _root: &Hash) -> LedgerResult<String> {
    Ok(format!("a head of {size}"))
}

fn zeros(sql: &Sql) -> String {
    sql.bytes(&"00".repeat(32))
}

fn entry(sql: &Sql, verb: &str, seq: &str) -> String {
    let (one, zeros) = (sql.bytes("00"), zeros(sql));
    format!("{verb} INTO audit_entry (seq, entry, leaf_hash) VALUES ({seq}, {one}, {zeros})")
}

fn head(sql: &Sql, verb: &str, size: &str) -> String {
    let (one, zeros) = (sql.bytes("00"), zeros(sql));
    format!(
        "{verb} INTO audit_head (size, root, frontier, taken_at) VALUES ({size}, {zeros}, {one}, '2026-11-21T03:30:00Z')"
    )
}
