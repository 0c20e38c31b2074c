"""Counts the dates of letters for every day of 2024 to 2040, from the package `holidays` and the standard library alone.

    target/readers/bin/python tests/calendar/window_oracle.py

Lines, with a comma between fields:

closed,DATE                a weekday on which federal offices were closed by executive order
day,DATE,BUSINESS,POSTAL   whether the agency works and whether mail moves (1 or 0)
letter,NIGHT,ZONE,PLANNED,CAP,USE_BY,MAIL_BY,FROM,TO,PROMISED
    a letter minted at 22:30 in New York and asked for on that day; the vendor prints Monday to Friday
mailed,NIGHT,ZONE,LAG,EXPIRES,TO,DAYS
    the same letter, mailed LAG business days after PLANNED and its receipt read that day; DAYS are the business days after TO
"""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST, BEYOND = date(2024, 1, 1), date(2040, 12, 31), date(2041, 6, 30)
YEARS = range(2023, 2043)
DAY = timedelta(days=1)
# The mail stood still on these national days of mourning; the package has them among the closures by order only.
MOURNING = {date(2025, 1, 9)}

public = holidays.US(years=YEARS, categories=("public",))
actual = holidays.US(years=YEARS, observed=False, categories=("public",))
by_order = {d for d in holidays.US(years=YEARS, categories=("government",)) if d not in public and d.weekday() < 5}

days = [FIRST + DAY * n for n in range((BEYOND - FIRST).days)]
business = [d for d in days if d.weekday() < 5 and d not in public and d not in by_order]
no_mail = set(actual) | {d + DAY for d in actual if d.weekday() == 6} | MOURNING
postal = [d for d in days if d.weekday() != 6 and d not in no_mail]


def after(listed, day, count):
    """The count-th of the listed days after a day."""
    return listed[bisect_right(listed, day) + count - 1]


for d in sorted(by_order):
    if FIRST <= d <= LAST:
        print(f"closed,{d}")
business_set, postal_set = set(business), set(postal)
for d in days:
    if d > LAST:
        break
    print(f"day,{d},{int(d in business_set)},{int(d in postal_set)}")
    minted = datetime.combine(d, time(22, 30), NEW_YORK).astimezone(timezone.utc)
    planned = business[bisect_right(business, d)]
    for zone, window, cap_days in (("contiguous", 10, 21), ("outside", 20, 30)):
        end = (minted + timedelta(hours=24 * cap_days)).astimezone(NEW_YORK)
        # The day on which the life ends is not over then, but for one that ends with its last second.
        cap = end.date() - DAY
        use_by = min(after(business, planned, window), cap)
        known = [planned, cap, use_by, after(business, planned, 2), after(postal, planned, 1), after(postal, planned, 5)]
        known.append(after(business, d, 10))
        print(f"letter,{d},{zone}," + ",".join(str(k) for k in known))
        for lag in range(0, 8):
            mailed = planned if lag == 0 else after(business, planned, lag)
            expires = max(use_by, min(cap, after(business, mailed, window)))
            to = after(postal, mailed, 5)
            left = bisect_right(business, expires) - bisect_right(business, to)
            print(f"mailed,{d},{zone},{lag},{expires},{to},{max(left, 0)}")
