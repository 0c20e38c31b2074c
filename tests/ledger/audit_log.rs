//! The log only grows, whoever writes to it and however.

use letterpost::audit::merkle::Hash;
use letterpost::ports::ledger::{AuditLedger as _, LedgerResult};

use crate::book::{Book, at};

#[tokio::test]
async fn no_statement_changes_the_log() {
    let book = Book::new().await;
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
    for (statement, words) in [
        ("UPDATE audit_entry SET entry = x'00' WHERE seq = 2".to_owned(), "never changed"),
        ("UPDATE OR REPLACE audit_entry SET seq = 1 WHERE seq = 2".to_owned(), "never changed"),
        ("UPDATE audit_entry SET entry = entry".to_owned(), "never changed"),
        ("DELETE FROM audit_entry WHERE seq = 2".to_owned(), "never deleted"),
        ("DELETE FROM audit_entry".to_owned(), "never deleted"),
        (entry("INSERT", &(next + 1).to_string()), "only grows"),
        (entry("INSERT", "2"), "only grows"),
        (entry("INSERT OR REPLACE", "2"), "only grows"),
        (entry("REPLACE", &(next - 1).to_string()), "only grows"),
        (entry("INSERT OR IGNORE", "0"), "only grows"),
        (entry("INSERT", "-1"), "only grows"),
        (format!("{} ON CONFLICT (seq) DO UPDATE SET entry = excluded.entry", entry("INSERT", "2")), "only grows"),
        ("UPDATE audit_head SET root = zeroblob(32)".to_owned(), "never changed"),
        ("UPDATE audit_head SET note = NULL".to_owned(), "never changed"),
        ("DELETE FROM audit_head".to_owned(), "never deleted"),
        (head("INSERT", &(size - 1).to_string()), "larger than the one before"),
        (head("INSERT OR REPLACE", &size.to_string()), "larger than the one before"),
        (head("REPLACE", &next.to_string()), "larger than the one before"),
        (format!("UPDATE OR REPLACE audit_head SET size = {size}"), "never changed"),
    ] {
        sql.refused(&statement, words).await;
        assert_eq!(sql.everything().await, before, "{statement}");
    }
    // A hash that is no hash is refused even in its place.
    let short = format!("INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES ({next}, x'00', x'00')");
    sql.refused(&short, "CHECK constraint failed").await;
    assert_eq!(sql.everything().await, before);
}

fn unsigned(size: u64, _root: &Hash) -> LedgerResult<String> {
    Ok(format!("a head of {size}"))
}

fn entry(verb: &str, seq: &str) -> String {
    format!("{verb} INTO audit_entry (seq, entry, leaf_hash) VALUES ({seq}, x'00', zeroblob(32))")
}

fn head(verb: &str, size: &str) -> String {
    format!("{verb} INTO audit_head (size, root, frontier, taken_at) VALUES ({size}, zeroblob(32), x'', 'now')")
}
