"""Reckons the dates of dispatch records anew, from the package `holidays` and the standard library alone.

    letterpost report dispatch --from 2026-03-01 --to 2026-03-31 --format csv > march.csv
    python3 recompute.py march.csv

Says each date that it reckons otherwise, as LETTER COLUMN: RECORDED, reckoned OTHER, and exits with 1 if there is one. The rule
is told in docs/auditor-guide.md. A site with other settings than the usual ones names them: see --help.
"""

import argparse
import csv
import sys
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays

DAY = timedelta(days=1)


def arguments():
    parser = argparse.ArgumentParser(description="Reckons the dates of dispatch records anew.")
    parser.add_argument("csv")
    parser.add_argument("--time-zone", default="America/New_York", help="of the site")
    parser.add_argument("--window", type=int, nargs=2, default=(10, 20), help="business days: contiguous, outside")
    parser.add_argument("--cap", type=int, nargs=2, default=(21, 30), help="days of 24 hours: contiguous, outside")
    parser.add_argument("--mail-by", type=int, default=2, help="business days after the planned day")
    parser.add_argument("--cut-off", type=time.fromisoformat, default=time(6, 0), help="of the vendor, on its print days")
    parser.add_argument("--closed", type=date.fromisoformat, nargs="*", default=[], help="days off beyond the holidays")
    return parser.parse_args()


class Reckoner:
    def __init__(self, given):
        self.given = given
        self.zone = ZoneInfo(given.time_zone)
        years = range(2020, 2061)
        self.observed = set(holidays.US(years=years, categories=("public",))) | set(given.closed)
        actual = set(holidays.US(years=years, observed=False, categories=("public",)))
        self.no_mail = actual | {day + DAY for day in actual if day.weekday() == 6}

    def is_business_day(self, day):
        return day.weekday() < 5 and day not in self.observed

    def is_postal_day(self, day):
        return day.weekday() != 6 and day not in self.no_mail

    def after(self, day, count, counts):
        while count:
            day += DAY
            count -= counts(day)
        return day

    def local(self, instant):
        return datetime.fromisoformat(instant.replace("Z", "+00:00")).astimezone(self.zone)

    def cap_on(self, minted_at, days):
        end = (self.local(minted_at).astimezone(timezone.utc) + timedelta(hours=24 * days)).astimezone(self.zone)
        # The day on which the longest life ends is not over then, and does not count.
        return end.date() - DAY

    def planned_mail_on(self, minted_at):
        minted = self.local(minted_at)
        day = minted.date() if minted.time() < self.given.cut_off else minted.date() + DAY
        while not self.is_business_day(day):
            day += DAY
        return day

    def dates(self, row):
        """The dates of a row as the rule gives them, by column; of one that may be either, a set."""
        place = row["outside"] == "true"
        cap = self.cap_on(row["minted_at"], self.given.cap[place])
        planned = self.planned_mail_on(row["minted_at"])
        window = lambda day: self.after(day, self.given.window[place], self.is_business_day)
        use_by = min(window(planned), cap)
        day_of = lambda column: date.fromisoformat(row[column]) if row[column] else None
        mailed = day_of("dispatched_on")
        counted_from = mailed or planned
        return {
            "planned_mail_on": {planned},
            "mail_by_on": {self.after(planned, self.given.mail_by, self.is_business_day)},
            "cap_on": {cap},
            "use_by_on": {use_by},
            "expected_from": {self.after(counted_from, 1, self.is_postal_day)},
            "expected_to": {self.after(counted_from, 5, self.is_postal_day)},
            "counted_on": {mailed or day_of("unmailed_on") or planned},
            "expires_on": self.expires_on(row, cap, use_by, window) if mailed else {cap},
        }

    def expires_on(self, row, cap, use_by, window):
        def moved(end, mailed, told):
            return end if told > end else max(use_by, min(cap, max(window(mailed), told)))

        first = date.fromisoformat(row["reported_on"] or row["dispatched_on"])
        ends = {moved(cap, first, self.local(row["receipt_read_at"]).date())}
        for correction in row["corrections"].split():
            change, at = correction.split("@")
            new, told = date.fromisoformat(change.split(">")[1]), self.local(at).date()
            ended = date.fromisoformat(row["ended_on"]) if row["ended_on"] else None
            later = {moved(end, new, told) for end in ends}
            # A correction moves no password that has ended; on one day nobody knows which came first.
            if ended is None or told < ended:
                ends = later
            elif told == ended:
                ends |= later
        return ends


def main():
    given = arguments()
    reckoner = Reckoner(given)
    differing = rows = 0
    with open(given.csv, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows += 1
            for column, reckoned in reckoner.dates(row).items():
                if row[column] not in map(str, reckoned):
                    differing += 1
                    print(f"{row['letter_id']} {column}: {row[column]}, reckoned {' or '.join(map(str, sorted(reckoned)))}")
    print(f"{rows} letters, {differing} dates differ", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
