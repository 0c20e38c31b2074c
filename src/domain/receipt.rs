//! What a vendor can say happened to a package and to a letter in it.

use super::letter::named;

named! {
    /// What happened to a letter at the vendor, or on its way back.
    ReceiptEvent {
        /// It is on paper.
        Printed = "printed",
        /// It was handed to the postal service.
        Mailed = "mailed",
        /// It was destroyed in production; with the detail `remade` it was made again from the same package.
        Spoiled = "spoiled",
        /// The vendor will not print it.
        Rejected = "rejected",
        /// It was taken out of production on the agency's order.
        Pulled = "pulled",
        /// The postal service brought it back.
        Returned = "returned",
    }
}

named! {
    /// What the vendor did with a whole package.
    PackageEvent {
        /// It was opened, checked and taken.
        Accepted = "accepted",
        /// It was not taken, and none of its letters will be printed.
        Refused = "refused",
    }
}
