#!/usr/bin/env python3
"""A night as a team would write it without letterpost: requests in SQLite, letters by WeasyPrint or ReportLab, a package by zipfile, sealed
by gpg.

    target/peers/bin/python benches/peers/night.py FOLDER REQUESTS.csv weasyprint|reportlab [--verifiers] [--workers N]

FOLDER is new. Into it go a database with the requests, keys of the site and of the vendor, and the vendor's inbox. On the clock is
everything from the first look at the pending requests to the package in the inbox and the states in the database: a password for each
letter, its verifier with the cost that letterpost has by default (Argon2id, 19 MiB, two passes; threads, since the library lets go of the interpreter's
lock), letters with the sheet's mark, manifest, checksums, archive, signature and encryption. It says on standard output how long that
took. What it does not do: proofread, fit addresses, keep a log that shows changes, survive a crash.
"""

import argparse
import csv
import hashlib
import hmac
import importlib
import io
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from argon2.low_level import Type, hash_secret

import letters

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MADE_AT = datetime(2026, 3, 3)
LAST_DAY = datetime(2026, 3, 18)


def make_keys(folder):
    """A signing key of the site and an encryption key of the vendor; both made before the clock starts."""
    folder.mkdir(mode=0o700)
    for who in ("site", "vendor"):
        gpg(folder, "--quick-generate-key", f"{who}@example.invalid", "default", "default", "never")
    return folder


def gpg(keys, *words, **more):
    base = ["gpg", "--homedir", keys, "--batch", "--quiet", "--yes", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""]
    return subprocess.run([*base, *words], check=True, **more)


def make_database(path, requests):
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    with open(requests, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    database.execute(f"CREATE TABLE request (id INTEGER PRIMARY KEY, {', '.join(columns)}, progress TEXT DEFAULT 'pending')")
    database.execute("CREATE TABLE letter (letter_id TEXT PRIMARY KEY, request_id INTEGER, package TEXT, sequence INTEGER, verifier TEXT)")
    places = ", ".join("?" * len(columns))
    database.executemany(f"INSERT INTO request ({', '.join(columns)}) VALUES ({places})", [list(row.values()) for row in rows])
    database.commit()
    return database


def draw(symbols):
    return "".join(secrets.choice(ALPHABET) for _ in range(symbols))


def verifier(pepper, account, letter_id, password):
    bound = hmac.new(pepper, f"{account}\0{letter_id}\0{password}".encode(), hashlib.sha256).digest()
    return hash_secret(bound, os.urandom(16), time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, type=Type.ID).decode()


def letter(request, sequence, package):
    long = "%B %-d, %Y"
    password = "-".join(draw(4) for _ in range(3))
    town = f"{request['city']} {request['state']} {request['postal_code']}"
    lines = [request["full_name"], request["address_line_2"], request["address_line_1"], town]
    asked = datetime.fromisoformat(request["requested_at"].replace("Z", "+00:00"))
    return {
        "request_id": request["id"],
        "username": request["username"],
        "full_name": request["full_name"],
        "address": [line.upper() for line in lines if line],
        "letter_id": f"{draw(5)}-{draw(5)}",
        "password": password,
        "made_on": MADE_AT.strftime(long),
        "requested_on": (asked - timedelta(hours=5)).strftime(long),
        "use_by_on": LAST_DAY.strftime("%A, %B %-d, %Y"),
        "zone_name": "Eastern Time",
        "mark": f"{package} {sequence:06} 1/1",
        "barcode": f"00340567094{sequence:09}{request['postal_code'].replace('-', '')}",
    }


def seal(keys, package, pdf, made, inbox):
    manifest = io.StringIO()
    rows = csv.writer(manifest)
    rows.writerow(["sequence", "letter_id", "pages", "use_by_on"])
    rows.writerows([sequence, one["letter_id"], 1, one["use_by_on"]] for sequence, one in enumerate(made, 1))
    files = {"letters.pdf": pdf, "manifest.csv": manifest.getvalue().encode()}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package_file:
        for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
            package_file.writestr(name, content)
    sealed = inbox / f"{package}.zip.pgp"
    gpg(keys, "--trust-model", "always", "--local-user", "site@example.invalid", "--recipient", "vendor@example.invalid",
        "--sign", "--encrypt", "--output", sealed, input=archive.getvalue())


def night(database, keys, inbox, merged, with_verifiers, workers):
    package = "peer-000001"
    columns = [column[1] for column in database.execute("PRAGMA table_info(request)")]
    pending = [dict(zip(columns, row)) for row in database.execute("SELECT * FROM request WHERE progress = 'pending' ORDER BY id")]
    made = [letter(request, sequence, package) for sequence, request in enumerate(pending, 1)]
    pepper = os.urandom(32)
    verifiers = [""] * len(made)
    if with_verifiers:
        with ThreadPoolExecutor(workers) as pool:
            verifiers = list(pool.map(lambda one: verifier(pepper, one["username"], one["letter_id"], one["password"]), made))
    seal(keys, package, merged(made), made, inbox)
    with database:
        rows = ((one["letter_id"], one["request_id"], package, sequence, kept) for sequence, (one, kept) in enumerate(zip(made, verifiers), 1))
        database.executemany("INSERT INTO letter VALUES (?, ?, ?, ?, ?)", rows)
        database.executemany("UPDATE request SET progress = 'sealed' WHERE id = ?", [(one["request_id"],) for one in made])
    return len(made)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("requests", type=Path)
    parser.add_argument("printer", choices=["weasyprint", "reportlab"])
    parser.add_argument("--verifiers", action="store_true")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    inbox = arguments.folder / "inbox"
    inbox.mkdir(parents=True)
    keys = make_keys(arguments.folder / "keys")
    database = make_database(arguments.folder / "requests.db", arguments.requests)
    merged, _ = importlib.import_module(f"{arguments.printer}_letters").prepare()
    start, processor = time.perf_counter(), time.process_time()
    count = night(database, keys, inbox, merged, arguments.verifiers, arguments.workers)
    told = {
        "letters": count,
        "seconds": time.perf_counter() - start,
        "processor_seconds": time.process_time() - processor,
        "peak_mib": letters.peak_mib(),
        "written_mib": 0.0,
    }
    subprocess.run(["gpgconf", "--homedir", keys, "--kill", "all"], check=False)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
