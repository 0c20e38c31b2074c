#!/usr/bin/env python3
"""The letter by WeasyPrint: HTML by Jinja2, a style sheet, the marks as SVG pictures by Zint."""

from base64 import b64encode
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

import letters

HERE = Path(__file__).resolve().parent


def picture(drawn):
    return "data:image/svg+xml;base64," + b64encode(letters.svg(drawn)).decode("ascii")


def prepare():
    environment = Environment(loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=True)
    template = environment.get_template("letter.html")
    fonts = FontConfiguration()
    style = CSS(HERE / "letter.css", font_config=fonts)

    def merged(several):
        filled = ({**letter, "matrix": picture(letters.matrix(letter)), "bars": picture(letters.barcode(letter))}
                  for letter in several)
        html = template.render(letters=filled)
        return HTML(string=html, base_url=str(HERE)).write_pdf(stylesheets=[style], font_config=fonts)

    return merged, lambda letter: merged([letter])


if __name__ == "__main__":
    letters.measure(prepare)
