//! Limits on requests: how many letters an account and an address may have in a span of days, and which addresses a person
//! looks at first.
//!
//! Whoever asks again and again is not turned away: their request waits for a person, and what there was before stays.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::request::{AddressBasis, NewRequest};

/// The limits; 0 or `false` turns one off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// The most letters for an account in the span.
    pub letters_an_account: u32,
    /// The most letters to an address in the span.
    pub letters_an_address: u32,
    /// The span, in days back from now.
    pub span_days: u32,
    /// Whether requests to an address that the person supplied wait for a person.
    pub hold_supplied_addresses: bool,
    /// Requests to an address that is fewer days old than this wait for a person.
    pub hold_addresses_newer_than_days: u32,
}

impl RequestLimits {
    /// Whether letters are counted at all.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.letters_an_account > 0 || self.letters_an_address > 0
    }

    /// Why a person should look at a request before a letter is made for it; `None` where nobody needs to.
    /// `requested_on` is a date in the site's zone.
    #[must_use]
    pub fn objection(
        &self,
        request: &NewRequest,
        address_key: &str,
        recent: &Recent,
        requested_on: NaiveDate,
    ) -> Option<String> {
        let objections = [
            self.over_account(recent.of_account(&request.username)),
            self.over_address(recent.of_address(address_key)),
            self.supplied(request.address_basis),
            self.too_new(request.address_since, requested_on),
        ];
        let told: Vec<String> = objections.into_iter().flatten().collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn over_account(&self, letters: u32) -> Option<String> {
        let most = self.letters_an_account;
        (most > 0 && letters >= most).then(|| {
            let days = self.span_days;
            format!("the account has had {letters} letters in {days} days, and [limits] letters_an_account is {most}")
        })
    }

    fn over_address(&self, letters: u32) -> Option<String> {
        let most = self.letters_an_address;
        (most > 0 && letters >= most).then(|| {
            let days = self.span_days;
            format!("its address has had {letters} letters in {days} days, and [limits] letters_an_address is {most}")
        })
    }

    /// What the portal does not say was not of record.
    fn supplied(&self, basis: Option<AddressBasis>) -> Option<String> {
        let found = match basis {
            Some(AddressBasis::OfRecord) => return None,
            Some(AddressBasis::Supplied) => "its address was supplied by the person who asked",
            None => "the portal does not say where its address is from",
        };
        self.hold_supplied_addresses.then(|| format!("{found}, and [limits] hold_supplied_addresses is true"))
    }

    fn too_new(&self, since: Option<NaiveDate>, requested_on: NaiveDate) -> Option<String> {
        let least = self.hold_addresses_newer_than_days;
        let found = match since.map(|since| requested_on.signed_duration_since(since).num_days()) {
            Some(days) if days >= i64::from(least) => return None,
            Some(days) => format!("its address was {} days old when it was asked for", days.max(0)),
            None => "the portal does not say since when it has its address".to_owned(),
        };
        (least > 0).then(|| format!("{found}, and [limits] hold_addresses_newer_than_days is {least}"))
    }
}

/// Letters that accounts and addresses had in the span, and the requests of theirs that are becoming letters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recent {
    letters_by_account: BTreeMap<String, u32>,
    letters_by_address: BTreeMap<String, u32>,
    /// The address of each account's request that is pending or claimed; `None` where its key is not known.
    open: BTreeMap<String, Option<String>>,
    open_by_address: BTreeMap<String, u32>,
}

impl Recent {
    /// What the ledger counted.
    #[must_use]
    pub fn new(
        letters_by_account: BTreeMap<String, u32>,
        letters_by_address: BTreeMap<String, u32>,
        open: BTreeMap<String, Option<String>>,
    ) -> Self {
        let mut recent = Self { letters_by_account, letters_by_address, ..Self::default() };
        for (account, address_key) in open {
            recent.open(account, address_key);
        }
        recent
    }

    /// Adds what the ledger counted of more accounts and addresses, some of which may be known already.
    pub fn add(&mut self, more: Self) {
        self.letters_by_account.extend(more.letters_by_account);
        self.letters_by_address.extend(more.letters_by_address);
        for (account, address_key) in more.open {
            self.open(account, address_key);
        }
    }

    /// Letters and open requests of an account.
    #[must_use]
    pub fn of_account(&self, account: &str) -> u32 {
        let letters = self.letters_by_account.get(account).copied().unwrap_or_default();
        letters + u32::from(self.open.contains_key(account))
    }

    /// Letters and open requests to an address.
    #[must_use]
    pub fn of_address(&self, address_key: &str) -> u32 {
        let count = |counts: &BTreeMap<String, u32>| counts.get(address_key).copied().unwrap_or_default();
        count(&self.letters_by_address) + count(&self.open_by_address)
    }

    /// A request of the account becomes a letter to this address, in the place of one that was open.
    pub fn open(&mut self, account: String, address_key: Option<String>) {
        if let Some(key) = &address_key {
            *self.open_by_address.entry(key.clone()).or_default() += 1;
        }
        if let Some(Some(before)) = self.open.insert(account, address_key)
            && let Some(count) = self.open_by_address.get_mut(&before)
        {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::{RawRequest, judge};

    const OFF: RequestLimits = RequestLimits {
        letters_an_account: 0,
        letters_an_address: 0,
        span_days: 30,
        hold_supplied_addresses: false,
        hold_addresses_newer_than_days: 0,
    };

    fn request(basis: Option<&str>, since: Option<&str>) -> NewRequest {
        let text = |text: &str| Some(text.to_owned());
        judge(&RawRequest {
            reference: text("R1"),
            username: text("ann"),
            full_name: text("Ann Example"),
            address_line_1: text("1 Example Street"),
            city: text("Springfield"),
            state: text("IL"),
            postal_code: text("62701"),
            second_factor: text("email"),
            requested_at: text("2026-03-02T09:00:00-05:00"),
            address_basis: basis.map(str::to_owned),
            address_since: since.map(str::to_owned),
            ..RawRequest::default()
        })
        .unwrap()
    }

    fn counts(counts: &[(&str, u32)]) -> BTreeMap<String, u32> {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    fn objection(limits: RequestLimits, request: &NewRequest, recent: &Recent) -> Option<String> {
        limits.objection(request, "here", recent, "2026-03-02".parse().unwrap())
    }

    #[test]
    fn letters_and_the_open_request_count_up_to_the_limit() {
        let limits = RequestLimits { letters_an_account: 4, letters_an_address: 4, ..OFF };
        let mut recent = Recent::new(counts(&[("ann", 3)]), counts(&[("here", 2)]), BTreeMap::new());
        assert_eq!(objection(limits, &request(None, None), &recent), None);
        recent.open("ann".to_owned(), Some("here".to_owned()));
        recent.open("bo".to_owned(), Some("here".to_owned()));
        let told = "the account has had 4 letters in 30 days, and [limits] letters_an_account is 4; its address has had 4 \
                    letters in 30 days, and [limits] letters_an_address is 4";
        assert_eq!(objection(limits, &request(None, None), &recent).as_deref(), Some(told));
        assert_eq!(objection(OFF, &request(None, None), &recent), None, "0 turns a limit off");
    }

    #[test]
    fn what_is_counted_twice_is_known_once() {
        let open = |people: &[&str]| people.iter().map(|it| ((*it).to_owned(), Some("here".to_owned()))).collect();
        let mut recent = Recent::new(counts(&[("ann", 3)]), counts(&[("here", 2)]), open(&["ann"]));
        recent.add(Recent::new(counts(&[("ann", 3), ("bo", 1)]), counts(&[("here", 2)]), open(&["ann", "bo"])));
        assert_eq!([recent.of_account("ann"), recent.of_account("bo"), recent.of_address("here")], [4, 2, 4]);
    }

    #[test]
    fn a_request_that_takes_anothers_place_is_counted_once() {
        let mut recent = Recent::default();
        for key in ["here", "here", "there"] {
            recent.open("ann".to_owned(), Some(key.to_owned()));
        }
        recent.open("bo".to_owned(), None);
        assert_eq!([recent.of_account("ann"), recent.of_account("bo"), recent.of_account("cy")], [1, 1, 0]);
        assert_eq!([recent.of_address("here"), recent.of_address("there")], [0, 1]);
    }

    #[test]
    fn an_address_that_is_not_known_to_be_of_record_is_taken_as_supplied() {
        let limits = RequestLimits { hold_supplied_addresses: true, ..OFF };
        let told = |basis| objection(limits, &request(basis, None), &Recent::default());
        assert_eq!(told(Some("of-record")), None);
        assert!(told(Some("supplied")).unwrap().starts_with("its address was supplied by the person who asked"));
        assert!(told(None).unwrap().starts_with("the portal does not say where its address is from"));
    }

    #[test]
    fn an_address_is_new_until_the_day_that_the_policy_names() {
        let limits = RequestLimits { hold_addresses_newer_than_days: 30, ..OFF };
        let told = |since| objection(limits, &request(None, since), &Recent::default());
        assert_eq!(told(Some("2026-01-31")), None, "thirty days before the second of March");
        let new =
            "its address was 29 days old when it was asked for, and [limits] hold_addresses_newer_than_days is 30";
        assert_eq!(told(Some("2026-02-01")).as_deref(), Some(new));
        assert!(told(None).unwrap().starts_with("the portal does not say since when"));
        assert_eq!(objection(OFF, &request(Some("supplied"), Some("2026-03-02")), &Recent::default()), None);
    }
}
