#!/usr/bin/env python3
"""The letter by ReportLab: paragraphs in frames, its own Intelligent Mail barcode, the sheet's mark drawn by Zint.

ReportLab's own Data Matrix is always of 44 × 44 modules and takes far longer.
"""

from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.usps4s import USPS_4State
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Frame, ListFlowable, ListItem, Paragraph, Table

import letters

TEXT = ParagraphStyle("text", fontName="Text", fontSize=10.5, leading=13.6, spaceAfter=7)
CENTRED = ParagraphStyle("centred", TEXT, alignment=TA_CENTER, spaceAfter=2)
SECRET = ParagraphStyle("secret", CENTRED, fontName="Secret", fontSize=27, leading=32)
TITLE = ParagraphStyle("title", TEXT, fontName="Text-Bold", fontSize=16, leading=20)
HEADING = ParagraphStyle("heading", TEXT, fontName="Text-Bold", fontSize=11.5, leading=15, spaceBefore=10, spaceAfter=4)
STEP = ParagraphStyle("step", TEXT, spaceAfter=3)
SMALL = ParagraphStyle("small", TEXT, fontSize=10, leading=13, spaceAfter=0)
STEPS = (
    "Go to <b>benefits.example/sign-in</b>.",
    "Type your username and the temporary password. Choose <b>Sign In</b>.",
    "On the next page, check that the e-mail address is yours. Choose <b>Next</b>.",
    "We will send a security code to that e-mail address. Type the code on the following page. Choose <b>Submit Security "
    "Code</b>.",
    "On the next page, make up a new password and type it in. Choose <b>Next</b>.",
    "Choose <b>Next</b> again.",
    "Scroll down and check the box <b>I agree to the Terms of Service</b>. Choose <b>Next</b>. You are now in your account.",
)
NOTE = (
    "<b>Did you not ask for this?</b> Do not use the password. Call us, so that we can protect your account.",
    "<b>Keep this password to yourself.</b> We will never call, text, or e-mail you to ask for it.",
)
WIDTH = 468


def body(letter):
    told = {field: escape(text) for field, text in letter.items() if isinstance(text, str)}
    asked = ("On {requested_on}, someone asked us to mail a temporary password for your online account. If it was you, "
             "follow the steps below to get back into your account.")
    secret = [Paragraph(told["password"], SECRET),
              Paragraph("Use it by <b>{use_by_on}</b> ({zone_name})".format(**told), CENTRED)]
    return [
        Paragraph("Your temporary password", TITLE),
        Paragraph("Dear {full_name},".format(**told), TEXT),
        Paragraph(asked.format(**told), TEXT),
        Table([[secret]], colWidths=[WIDTH], style=[("BOX", (0, 0), (-1, -1), 1.5, "black")]),
        Paragraph("How to get into your account", HEADING),
        ListFlowable([ListItem(Paragraph(step, STEP)) for step in STEPS], bulletFontName="Text-Bold", bulletFontSize=10.5,
                     bulletFormat="%s.", leftIndent=20),
        Paragraph("<b>If you get two letters:</b> use the one with the later date. The older password may not work.", TEXT),
        Table([[[Paragraph(line, STEP) for line in NOTE]]], colWidths=[WIDTH],
              style=[("LINEBEFORE", (0, 0), (0, -1), 2, "black")]),
        Paragraph("<b>Need help?</b> Call us at <b>1-800-555-0142</b> (Monday to Friday, 8 a.m. to 6 p.m. Eastern Time).",
                  ParagraphStyle("help", TEXT, spaceBefore=7)),
    ]


def page(canvas, letter):
    head = [Paragraph("<b>Example Benefits Agency</b>", ParagraphStyle("agency", SMALL, fontSize=13.5, leading=17)),
            Paragraph("PO Box 100", SMALL), Paragraph("Springfield, NY 12345", SMALL)]
    Frame(72, 704, WIDTH, 55, 0, 0, 0, 0).addFromList(head, canvas)
    canvas.line(72, 708, 72 + WIDTH, 708)
    canvas.setFont("Text", 10.5)
    canvas.drawString(72, 692, letter["made_on"])
    USPS_4State(letter["barcode"][:20], letter["barcode"][20:], humanReadable=0).drawOn(canvas, 68, 630)
    canvas.setFont("Text", 8)
    canvas.drawString(72, 620, "#" + letter["letter_id"])
    address = canvas.beginText(72, 608)
    address.setFont("Text", 10, 13)
    address.textLines(letter["address"])
    canvas.drawText(address)
    Frame(72, 80, WIDTH, 450, 0, 0, 0, 0).addFromList(body(letter), canvas)
    matrix(canvas, letters.matrix(letter))
    canvas.setFont("Text", 9)
    canvas.drawString(72, 40, f"Letter {letter['letter_id']} · Page 1 of 1")
    canvas.setFont("Text", 7)
    canvas.drawRightString(504, 40, letter["mark"])
    canvas.showPage()


def matrix(canvas, drawn):
    drawn.buffer_vector()
    scale = 30 / drawn.vector.width
    path = canvas.beginPath()
    for part in drawn.vector.rectangles:
        path.rect(510 + part.x * scale, 70 - (part.y + part.height) * scale, part.width * scale, part.height * scale)
    canvas.drawPath(path, stroke=0, fill=1)


def prepare():
    for name, file in (("Text", "AtkinsonHyperlegibleNext_400Regular"), ("Text-Bold", "AtkinsonHyperlegibleNext_700Bold"),
                       ("Secret", "AtkinsonHyperlegibleMono_700Bold")):
        pdfmetrics.registerFont(TTFont(name, letters.FONTS / f"{file}.ttf"))
    pdfmetrics.registerFontFamily("Text", normal="Text", bold="Text-Bold")

    def merged(several):
        file = BytesIO()
        canvas = Canvas(file, pagesize=LETTER, pageCompression=1, lang="en-US")
        canvas.setTitle("Your temporary password")
        for letter in several:
            page(canvas, letter)
        canvas.save()
        return file.getvalue()

    return merged, lambda letter: merged([letter])


if __name__ == "__main__":
    letters.measure(prepare)
