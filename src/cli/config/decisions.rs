//! `[holds]`, `[reissue]` and `[approval]`: what waits for a person, and for a second one.

use super::kind::{one_of, truth, whole};
use super::section::Section;
use crate::domain::reissue::{LateRemedy, ReissuePolicy, Remedy};
use crate::stages::site::{Approval, HoldPolicy};

/// The longest wait that is taken for meant, in business days.
const LONGEST_WAIT: u32 = 60;
/// More letters for one request are a loop, not a service.
const MOST_LETTERS_A_REQUEST: u32 = 20;

pub(super) fn holds(section: &Section<'_>) -> HoldPolicy {
    let usual = HoldPolicy::default();
    let policy = HoldPolicy {
        act_within_business_days: section.or(
            "act_within_business_days",
            usual.act_within_business_days,
            &whole(1..=LONGEST_WAIT),
        ),
        withdraw_after_business_days: section.or(
            "withdraw_after_business_days",
            usual.withdraw_after_business_days,
            &whole(1..=LONGEST_WAIT),
        ),
    };
    if policy.withdraw_after_business_days < policy.act_within_business_days {
        let message = format!(
            "cannot be before act_within_business_days: write {} or more, so that nothing is withdrawn before its day \
             to act is over",
            policy.act_within_business_days
        );
        section.complain("withdraw_after_business_days", &message);
    }
    policy
}

pub(super) fn reissue(section: &Section<'_>) -> ReissuePolicy {
    let usual = ReissuePolicy::default();
    let remedy = |key, default| section.or(key, default, &one_of(Remedy::ALL));
    ReissuePolicy {
        rejected: remedy("rejected", usual.rejected),
        spoiled: remedy("spoiled", usual.spoiled),
        refused: remedy("refused", usual.refused),
        lost: remedy("lost", usual.lost),
        late: section.or("late", usual.late, &one_of(LateRemedy::ALL)),
        lost_after_business_days: section.or(
            "lost_after_business_days",
            usual.lost_after_business_days,
            &whole(0..=LONGEST_WAIT),
        ),
        most_letters_a_request: section.or(
            "most_letters_a_request",
            usual.most_letters_a_request,
            &whole(1..=MOST_LETTERS_A_REQUEST),
        ),
    }
}

pub(super) fn approval(section: &Section<'_>) -> Approval {
    Approval {
        corrections: section.or("corrections", false, &truth()),
        releases: section.or("releases", false, &truth()),
    }
}
