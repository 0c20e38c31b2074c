"""Prints the weekdays from 2023 to 2041 on which federal staff who work Monday to Friday are off, one a line."""

import holidays

observed = holidays.US(years=range(2023, 2043), observed=True, categories=("public",))
for day in sorted(day for day in observed if day.weekday() < 5 and 2023 <= day.year <= 2041):
    print(day)
