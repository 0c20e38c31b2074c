"""Reads the Data Matrix symbols of grey pictures (PGM) with zxing-cpp.

A line for each symbol: the place of its picture among the arguments, its text, and its corners in pixels (top left,
top right, bottom right, bottom left: x, y).
"""

import sys

import zxingcpp


def picture(path):
    """A picture's rows of shades."""
    with open(path, "rb") as file:
        content = file.read()
    _, width, height, _ = content.split(None, 3)
    width, height = int(width), int(height)
    return memoryview(content[-width * height :]).cast("B", (height, width))


for place, path in enumerate(sys.argv[1:]):
    for symbol in zxingcpp.read_barcodes(picture(path), zxingcpp.BarcodeFormat.DataMatrix):
        at = symbol.position
        corners = [at.top_left, at.top_right, at.bottom_right, at.bottom_left]
        print(place, symbol.text, *(f"{corner.x} {corner.y}" for corner in corners), sep="\t")
