#!/usr/bin/env python3
"""Measures one whole night: letters a second with the verifier's cost apart, peak memory, bytes a letter.

    cargo build --release && python3 benches/night.py [LETTERS]      # 10,000 unless told otherwise

Each run makes a demo site in a temporary folder, imports LETTERS invented requests, and runs the stages of the night one
by one. The first run keeps the default verifier (Argon2id, 19 MiB, two passes), the second makes it next to nothing, so
that the difference is what verifiers cost.
"""

import csv
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BINARY = Path(__file__).resolve().parent.parent / "target/release/letterpost"
CHEAP = "[password]\nmemory_kib = 8\npasses = 1\n"
GIVEN = ["Avery", "Bo", "Casey", "Dana", "Eli", "Flor", "Gael", "Hana", "Iker", "José", "Kaya", "Lucía"]
FAMILY = ["Sample", "Invented", "Muestra", "Example", "Núñez", "Specimen", "Ejemplo", "Placeholder"]
PLACES = [("Springfield", "IL", "62701"), ("El Paso", "TX", "79901"), ("Boston", "MA", "02108"), ("Albany", "NY", "12207")]


def requests(path, letters):
    """Writes invented requests, every fourth one Spanish."""
    columns = ("reference,username,full_name,address_line_1,address_line_2,city,state,postal_code,country,phone,"
               "second_factor,language,format,requested_at").split(",")
    asked = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for n in range(letters):
            city, state, zip_code = PLACES[n % len(PLACES)]
            name = f"{GIVEN[n % len(GIVEN)]} {FAMILY[n // 7 % len(FAMILY)]}"
            language = "es" if n % 4 == 0 else "en"
            writer.writerow([f"BENCH-{n:06}", f"person{n}@example.com", name, f"{n + 1} Example Street", "", city, state,
                             zip_code, "US", "555-0100", "email", language, "standard", asked])


def run(site, *words):
    """Runs a command on a site; its wall-clock seconds, the processor's, and its JSON."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run([BINARY, "--config", site / "letterpost.toml", "--json", "--quiet", *words],
                          stdout=subprocess.PIPE, check=False)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"letterpost {' '.join(map(str, words))} exited with {done.returncode}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.loads(done.stdout)


def night(folder, letters, cheap):
    site = folder / ("cheap" if cheap else "default")
    subprocess.run([BINARY, "--quiet", "demo", site, "--no-run"], check=True, stdout=subprocess.DEVNULL)
    config = site / "letterpost.toml"
    if cheap:
        config.write_text(config.read_text().replace("[password]\n", CHEAP, 1))
    batch = folder / "requests.csv"
    requests(batch, letters)
    figures = {}
    figures["import"], _, _ = run(site, "request", "import", batch)
    for stage in ("collect", "produce", "deliver", "checkpoint"):
        figures[stage], processor, shown = run(site, stage)
        if stage == "produce":
            figures["letters"], figures["produce_processor"] = shown["did"]["letters"], processor
    sealed = sum(path.stat().st_size for path in (site / "spool").iterdir())
    figures["sealed_bytes_a_letter"] = sealed / figures["letters"]
    figures["ledger_bytes_a_letter"] = (site / "letterpost.db").stat().st_size / figures["letters"]
    return figures


def main():
    letters = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    digest = hashlib.sha256(BINARY.read_bytes()).hexdigest()[:12]
    print(f"{letters} requests, {os.cpu_count()} cores, binary {digest}")
    folder = Path(tempfile.mkdtemp(prefix="letterpost-night-"))
    try:
        for cheap in (True, False):
            figures = night(folder, letters, cheap)
            stages = ("import", "collect", "produce", "deliver", "checkpoint")
            whole = sum(figures[stage] for stage in stages)
            print(f"\nverifier {'next to nothing' if cheap else 'Argon2id 19 MiB, 2 passes'}: {figures['letters']} letters")
            for stage in stages:
                print(f"  {stage:<12}{figures[stage]:8.2f} s")
            print(f"  {'all':<12}{whole:8.2f} s   {figures['letters'] / whole:8.0f} letters/s")
            print(f"  produce     {figures['letters'] / figures['produce']:8.0f} letters/s, {figures['produce_processor']:.1f} s of processor")
            print(f"  sealed      {figures['sealed_bytes_a_letter']:8.0f} bytes a letter; ledger {figures['ledger_bytes_a_letter']:.0f}")
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"  peak memory {peak:8.0f} MiB of the largest process so far")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
