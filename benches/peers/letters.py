"""What the Python peers have in common: the letters to print, the sheet's marks, the clock, and the figures."""

import argparse
import json
import sys
import time
from pathlib import Path

from zint import OutputOptions, Symbol, Symbology

FONTS = Path(__file__).resolve().parent.parent.parent / "fonts"


def measure(prepare):
    """Reads the letters, prints them, and says on standard output how long it took.

    `prepare` gives two functions, one that prints a list of letters into one PDF and one that prints one letter: what a
    program does once, such as parsing templates and fonts, is not on the clock. Files stay in memory, and none is kept.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("letters", help="one JSON object a line")
    parser.add_argument("product", choices=["print-stream", "letter-files"])
    parser.add_argument("--show", help="writes the first letter there and does nothing else")
    arguments = parser.parse_args()
    with open(arguments.letters, encoding="utf-8") as file:
        letters = [json.loads(line) for line in file]
    merged, one = prepare()
    if arguments.show:
        Path(arguments.show).write_bytes(merged(letters[:1]) if arguments.product == "print-stream" else one(letters[0]))
        return
    start, processor = time.perf_counter(), time.process_time()
    if arguments.product == "print-stream":
        size = len(merged(letters))
    else:
        size = sum(len(one(letter)) for letter in letters)
    seconds = time.perf_counter() - start
    json.dump(
        {
            "letters_a_second": len(letters) / seconds,
            "processor_us": (time.process_time() - processor) * 1e6 / len(letters),
            "print_us": seconds * 1e6 / len(letters),
            "bytes_a_letter": size / len(letters),
            "peak_mib": peak_mib(),
        },
        sys.stdout,
    )


def peak_mib():
    """The most memory that this process has held at once."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def symbol(kind, text):
    """An encoded symbol of Zint."""
    drawn = Symbol()
    drawn.symbology = kind
    drawn.show_hrt = False
    drawn.encode(text)
    return drawn


def matrix(letter):
    """The Data Matrix of the sheet's mark."""
    return symbol(Symbology.DATAMATRIX, letter["mark"])


def barcode(letter):
    """The Intelligent Mail barcode: tracking code and routing with a hyphen between, as Zint asks for it."""
    digits = letter["barcode"]
    return symbol(Symbology.USPS_IMAIL, f"{digits[:20]}-{digits[20:]}")


def svg(drawn):
    """A symbol as SVG."""
    drawn.outfile = "symbol.svg"
    drawn.output_options |= OutputOptions.BARCODE_MEMORY_FILE
    drawn.print()
    return bytes(drawn.memfile)
