#!/usr/bin/env python3
"""Draws docs/demo.svg from a real run: portcullis check --color always FILE | docs/demo.py > docs/demo.svg

Reads coloured text on standard input and writes an SVG that looks like the terminal; `--lines N` keeps the first N lines.
"""
import html
import re
import sys

COLOURS = {"30": "#586069", "31": "#f97583", "32": "#85e89d", "33": "#ffea7f", "34": "#79b8ff", "35": "#b392f0", "36": "#73e3ff",
           "37": "#d1d5da", "90": "#959da5", "91": "#f97583", "92": "#85e89d", "93": "#ffea7f", "94": "#79b8ff", "95": "#b392f0",
           "96": "#73e3ff", "97": "#fafbfc"}
ROW, COLUMN, SIZE, MARGIN = 18, 8.0, 13, 16


def spans(line):
    """Pieces of a line with their colour and weight."""
    colour, bold = "#e1e4e8", False
    for part in re.split(r"(\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07))", line):
        codes = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if codes:
            words = codes.group(1).split(";")
            while words:
                word = words.pop(0)
                if word in ("", "0"):
                    colour, bold = "#e1e4e8", False
                elif word == "1":
                    bold = True
                elif word in COLOURS:
                    colour = COLOURS[word]
                elif word == "38" and len(words) > 1:
                    kind, number = words.pop(0), words.pop(0)
                    basic = {"9": "91", "10": "92", "11": "93", "12": "94", "13": "95", "14": "96", "8": "90"}
                    colour = COLOURS.get(basic.get(number, ""), colour) if kind == "5" else colour
        elif part and not part.startswith("\x1b]"):
            yield part, colour, bold


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    if "--lines" in sys.argv:
        lines = lines[: int(sys.argv[sys.argv.index("--lines") + 1])]
    plain = [re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)", "", line) for line in lines]
    width = int(max(map(len, plain)) * COLUMN + 2 * MARGIN)
    height = len(lines) * ROW + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">')
    print("<title>portcullis checking a template</title>")
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#24292e"/>')
    print(f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="{SIZE}" xml:space="preserve">')
    for row, line in enumerate(lines):
        column = 0
        for text, colour, bold in spans(line):
            x, y = MARGIN + column * COLUMN, MARGIN + (row + 1) * ROW - 5
            weight = ' font-weight="bold"' if bold else ""
            length = f' textLength="{len(text) * COLUMN:.0f}" lengthAdjust="spacingAndGlyphs"'
            if text.strip():
                # Leading blanks move the text: viewers fold them.
                blanks = len(text) - len(text.lstrip(" "))
                x, text, column = x + blanks * COLUMN, text[blanks:], column + blanks
                length = f' textLength="{len(text) * COLUMN:.0f}" lengthAdjust="spacingAndGlyphs"'
                print(f'<text x="{x:.0f}" y="{y}" fill="{colour}"{weight}{length}>{html.escape(text)}</text>')
            column += len(text)
    print("</g>\n</svg>")


main()
