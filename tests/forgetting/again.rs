//! A request under the reference of one that was erased: it cannot be compared, so it is neither lost nor a second letter.

use crate::quarter::{MAILED, played};

const SAME: &str = "Q-MAILED,quillonzan@example.com,Quillon Zanzibarski,77 Gryphonwood Crescent,Apt Whiffletree,Springfield,IL,\
                    62704-7413,US,,email,en,standard,2026-03-02T08:00:00-05:00";

#[test]
fn a_reference_that_was_erased_goes_to_quarantine_and_a_new_one_is_taken() {
    let site = played();
    assert!(site.import("same.csv", SAME).expect(0).stdout.contains("1 repeated"));
    site.run(&["retention"]).done();
    let said = site.import("once-more.csv", SAME).expect(1).text();
    assert!(said.contains("erased") && said.contains("reference of its own"), "{said}");
    let of_it = format!("SELECT count(*) FROM request WHERE reference = '{}'", MAILED.reference);
    assert_eq!(site.value(&of_it), "1");
    // Whoever was forgotten is nobody that is known: a request of theirs is a new one, and gets its letter.
    site.import("new.csv", &SAME.replace("Q-MAILED", "Q-NEW").replace("2026-03-02", "2026-06-15")).expect(0);
    assert_eq!(site.value("SELECT status FROM request WHERE reference = 'Q-NEW'"), "pending");
    site.clock("2026-06-17T22:30:00-04:00");
    site.night();
    assert_eq!(site.value("SELECT status FROM request WHERE reference = 'Q-NEW'"), "lettered");
    site.closed_accounting();
}
