//! The tree grows by what was appended: the subtrees that are kept are those of the entries, and nobody changes them.

use letterpost::audit::merkle::{Frontier, Hash, leaf_hash};
use letterpost::ports::ledger::{LedgerResult, SUBTREE};

use crate::book::{Book, at};

/// What stands for a signature here.
fn signed(size: u64, root: &Hash) -> LedgerResult<String> {
    Ok(format!("{size} {}", hex::encode(root)))
}

/// Appends so many entries, each of them its own number.
async fn append(book: &Book, from: u64, to: u64) {
    let leaves: Vec<String> = (from..to)
        .map(|seq| {
            let entry = seq.to_string();
            format!("({seq}, CAST('{entry}' AS BLOB), x'{}')", hex::encode(leaf_hash(entry.as_bytes())))
        })
        .collect();
    let mut sql = book.sql().await;
    for portion in leaves.chunks(5000) {
        sql.run(&format!("INSERT INTO audit_entry VALUES {}", portion.join(", "))).await.unwrap();
    }
}

/// The root over some entries, reckoned from their numbers alone.
fn root(from: u64, to: u64) -> Hash {
    let mut frontier = Frontier::new();
    (from..to).for_each(|seq| frontier.append(leaf_hash(seq.to_string().as_bytes())));
    frontier.root()
}

#[tokio::test]
async fn heads_and_subtrees_are_those_of_the_entries_however_the_log_grew() {
    let book = Book::new().await;
    let square = SUBTREE * SUBTREE;
    let mut size = 0;
    for grown in [1, 255, 256, 300, 513, square - 1, square, square + 700] {
        append(&book, size, grown).await;
        size = grown;
        let head = book.ledger.take_head(&signed, at()).await.unwrap();
        assert_eq!((head.size, head.root), (size, root(0, size)));
        assert_eq!(head.note, signed(size, &head.root).ok());
        assert_eq!(book.ledger.last_head().await.unwrap().as_ref(), Some(&head));
        assert_eq!(book.ledger.take_head(&signed, at()).await.unwrap(), head, "nothing was appended");
        let ones = book.ledger.subtrees(1, 0, 1000).await.unwrap();
        assert_eq!(ones.len() as u64, size / SUBTREE, "size {size}");
        assert_eq!(book.ledger.subtrees(2, 0, 1000).await.unwrap().len() as u64, size / square);
    }
    let ones = book.ledger.subtrees(1, 0, 1000).await.unwrap();
    for idx in [0, 1, 2, 255, 256, 257] {
        assert_eq!(ones[usize::try_from(idx).unwrap()], root(idx * SUBTREE, (idx + 1) * SUBTREE), "subtree {idx}");
    }
    assert_eq!(book.ledger.subtrees(1, 256, 1).await.unwrap(), [ones[256]]);
    assert_eq!(book.ledger.subtrees(2, 0, 9).await.unwrap(), [root(0, square)]);
    assert!(book.ledger.subtrees(3, 0, 9).await.unwrap().is_empty());
    let leaves = book.ledger.leaf_hashes(size - 2, 10).await.unwrap();
    assert_eq!(leaves, [root(size - 2, size - 1), root(size - 1, size)]);
}

#[tokio::test]
async fn no_statement_changes_a_subtree() {
    let book = Book::new().await;
    append(&book, 0, 2 * SUBTREE).await;
    book.ledger.take_head(&signed, at()).await.unwrap();
    let mut sql = book.sql().await;
    let before = sql.everything().await;
    let row = |verb: &str, level, idx| format!("{verb} INTO audit_subtree VALUES ({level}, {idx}, zeroblob(32))");
    for (statement, words) in [
        ("UPDATE audit_subtree SET hash = zeroblob(32)".to_owned(), "never changed"),
        ("UPDATE OR REPLACE audit_subtree SET idx = 1 WHERE idx = 0".to_owned(), "never changed"),
        ("DELETE FROM audit_subtree".to_owned(), "never deleted"),
        ("DELETE FROM audit_subtree WHERE idx = 1".to_owned(), "never deleted"),
        (row("INSERT", 1, 0), "only grow"),
        (row("INSERT OR REPLACE", 1, 1), "only grow"),
        (row("REPLACE", 1, 0), "only grow"),
        (row("INSERT OR IGNORE", 1, 1), "only grow"),
        (row("INSERT", 1, 3), "only grow"),
        (row("INSERT", 2, 1), "only grow"),
        (row("INSERT", 0, 0), "CHECK constraint failed"),
        ("INSERT INTO audit_subtree VALUES (1, 2, x'00')".to_owned(), "CHECK constraint failed"),
    ] {
        sql.refused(&statement, words).await;
        assert_eq!(sql.everything().await, before, "{statement}");
    }
}
