#!/usr/bin/env python3
"""The letter by Typst: its template, the letters as JSON, the marks as SVG pictures by Zint."""

import json
from pathlib import Path

import typst

import letters

HERE = Path(__file__).resolve().parent


def told(letter):
    pictures = {"matrix": letters.svg(letters.matrix(letter)), "bars": letters.svg(letters.barcode(letter))}
    return {**letter, **{name: picture.decode("ascii") for name, picture in pictures.items()}}


def prepare():
    compiler = typst.Compiler(str(HERE / "letter.typ"), font_paths=[str(letters.FONTS)], ignore_system_fonts=True)

    def merged(several):
        return compiler.compile(format="pdf", sys_inputs={"letters": json.dumps([told(letter) for letter in several])})

    return merged, lambda letter: merged([letter])


if __name__ == "__main__":
    letters.measure(prepare)
