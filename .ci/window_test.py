#!/usr/bin/python3
"""Drives the real window on a virtual display (see desktop.sh) and checks what a user would see.

    window_test.py PROGRAM SEED [PICTURE-FOLDER]

1. `watch --demo` on the same seed says which stock rings on which bar (a separate run, faster).
2. The demo's window: within 60 s of its appearance the stock's own window comes to the front, the
   stock's row and no other blinks yellow, and an arrow blinks right beneath a candle.
3. The demo with embedded windows: the accessibility tree names the row, the signal and the bar
   under which the arrow stands, and it is the bar of step 1.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

from PIL import Image

YELLOW = (0xFF, 0xC8, 0x3D)
UP, DOWN = (0xF0, 0x44, 0x52), (0x31, 0x82, 0xF6)
# A bar that closed where it opened. The longest average's line is nearly the same grey.
FLAT = (0xA3, 0xAD, 0xBD)
PATIENCE = 60.0
# Seconds of a whole blink, lit and dark.
BLINK = 1.0
PICTURES = 20


def near(pixel, color, by=6):
    return all(abs(a - b) <= by for a, b in zip(pixel, color))


def fail(text):
    print("window test: FAILED:", text, flush=True)
    sys.exit(1)


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def windows():
    """Id and title of every window."""
    lines = (line.split(None, 3) for line in said("wmctrl", "-l").splitlines())
    return {parts[3]: parts[0] for parts in lines if len(parts) == 4}


def until(what, seconds, check):
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if end < time.monotonic():
            fail(f"{what} did not come within {seconds:.0f} s; windows: {list(windows())}")
        time.sleep(0.1)


def picture(window, name):
    path = os.path.join(folder, f"{name}.png")
    subprocess.run(["import", "-silent", "-window", window, path], check=True)
    return Image.open(path).convert("RGB")


def expected():
    """The first confirmed signal of the seed, from a run without a window, and how many stocks
    ring at all: on some dates a second one does at the same time."""
    with tempfile.TemporaryDirectory() as data:
        lines = said(program, "watch", "--demo", "--seed", seed, "--json", "--speed", "4", "--for", "70",
                     "--data-dir", data)
    triggers = [line for line in map(json.loads, lines.splitlines()) if line["type"] == "trigger"]
    for line in triggers:
        if line["timeframe"] == "30m" and line["stage"] == "confirmed":
            return line, len({trigger["code"] for trigger in triggers})
    fail(f"no signal within 70 s of market time on seed {seed}")


def yellow_lines(image):
    """The lines of pixels that are mostly yellow."""
    width, height = image.size
    pixels = image.load()
    return {y for y in range(height)
            if 0.3 < sum(near(pixels[x, y], YELLOW) for x in range(0, width, 4)) / (width / 4)}


def arrow(image):
    """Pixels of the arrow: yellow, in the left part of the window, below the header."""
    width, height = image.size
    pixels = image.load()
    spots = [(x, y) for y in range(120, height - 20) for x in range(0, int(width * 0.72))
             if near(pixels[x, y], YELLOW)]
    # The list of signals or a badge would be wider than an arrow is.
    return spots


def native(signal):
    with tempfile.TemporaryDirectory() as data:
        app = subprocess.Popen([program, "--demo", "--seed", seed, "--data-dir", data],
                               stderr=subprocess.DEVNULL)
        try:
            look_at(signal)
        finally:
            app.terminate()
            app.wait(10)


def look_at(signal):
    home = until("the home window", 20, lambda: windows().get("정배"))
    began = time.monotonic()
    title = f"{signal['name']} {signal['code']}"
    stock = until(f"the window of {title}", PATIENCE, lambda: windows().get(title))
    took = time.monotonic() - began
    print(f"window test: {title} came up {took:.1f} s after the home window", flush=True)
    until("the focus", 5, lambda: int(said("xdotool", "getactivewindow").strip() or 0) == int(stock, 16))
    # Side by side, so that both can be photographed.
    subprocess.run(["wmctrl", "-i", "-r", home, "-e", "0,0,0,-1,-1"], check=True)
    subprocess.run(["wmctrl", "-i", "-r", stock, "-e", "0,1380,0,-1,-1"], check=True)
    time.sleep(1.0)
    # Photographed first and looked at after, at moments that keep no step with the blinking: at a
    # machine's even pace of one picture a second every one would show the same half of a blink.
    pauses = random.Random(1)
    taken = []
    for n in range(PICTURES):
        taken.append((picture(home, f"home{n}"), picture(stock, f"stock{n}")))
        time.sleep(pauses.uniform(0.0, BLINK))
    lines = [yellow_lines(image) for image, _ in taken]
    arrows, dark_arrows = [], 0
    for n, (_, image) in enumerate(taken):
        spots = arrow(image)
        arrows += [(n, spots)] if 20 <= len(spots) else []
        dark_arrows += not spots
    yellow = set.union(*lines)
    if not yellow or set.intersection(*lines):
        fail(f"rows do not blink: {len(yellow)} lines are yellow, some of them always")
    if not 15 <= len(yellow) <= 40 * rings:
        fail(f"{len(yellow)} lines are yellow, though {rings} stocks ring")
    if not arrows or not dark_arrows:
        fail(f"the arrow does not blink: seen in {len(arrows)} of {PICTURES} pictures")
    n, spots = arrows[0]
    beneath(Image.open(os.path.join(folder, f"stock{n}.png")).convert("RGB"), spots)
    print(f"window test: {len(yellow)} lines blink yellow for {rings} stocks, "
          f"arrow in {len(arrows)} of {PICTURES} pictures", flush=True)


def beneath(image, spots):
    """The arrow's tip stands right beneath the low of a candle, on its centre."""
    pixels = image.load()
    top = min(y for _, y in spots)
    tip = [x for x, y in spots if y == top]
    left, right = min(x for x, _ in spots), max(x for x, _ in spots)
    if 24 < right - left:
        fail(f"the arrow is {right - left} pixels wide")
    center = sum(tip) / len(tip)
    if 1.0 < abs(center - (left + right) / 2):
        fail(f"the tip at {center} is not above the middle of {left}..{right}")
    for y in range(top - 1, top - 12, -1):
        candle = [x for x in range(int(center) - 1, int(center) + 3)
                  if near(pixels[x, y], UP, 30) or near(pixels[x, y], DOWN, 30) or near(pixels[x, y], FLAT)]
        if candle:
            return
    fail(f"no candle right above the arrow's tip at {center},{top}")


def accessible(signal):
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi
    for name in ("IsEnabled", "ScreenReaderEnabled"):
        subprocess.run(["dbus-send", "--session", "--dest=org.a11y.Bus", "--print-reply", "/org/a11y/bus",
                        "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", f"string:{name}",
                        "variant:boolean:true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    Atspi.init()

    def names():
        found, todo = [], [Atspi.get_desktop(0)]
        while todo:
            node = todo.pop()
            try:
                found.append(node.get_name() or "")
                todo += [c for c in (node.get_child_at_index(i) for i in range(node.get_child_count())) if c]
            except Exception:  # a node may go away while it is read
                continue
        return found

    day = re.match(r"(\d+)-(\d+)-(\d+)T(\d\d:\d\d)", signal["bar"])
    bar = f"{int(day[2])}월 {int(day[3])}일 {day[4]}"
    with tempfile.TemporaryDirectory() as data:
        app = subprocess.Popen([program, "--demo", "--embed-windows", "--seed", seed, "--data-dir", data],
                               stderr=subprocess.DEVNULL)
        try:
            until("the home window", 20, lambda: windows().get("정배"))
            # Another stock may ring too, and its window may come up first.
            chart = until(f"the chart with its arrow under the bar {bar}", PATIENCE + 15, lambda: next(
                (n for n in names() if "캔들 차트" in n and "화살표" in n and bar in n), None))
            row = next((n for n in names() if signal["code"] in n and "신호" in n), None)
            if row is None:
                fail(f"no row of {signal['code']} says that it rings")
            print(f"window test: {chart!r}; row {row!r}", flush=True)
        finally:
            app.terminate()
            app.wait(10)


program, seed = sys.argv[1], sys.argv[2]
folder = sys.argv[3] if 3 < len(sys.argv) else tempfile.mkdtemp()
os.makedirs(folder, exist_ok=True)
signal, rings = expected()
print(f"window test: seed {seed}: {signal['code']} {signal['bar']} {signal['price']} won", flush=True)
native(signal)
accessible(signal)
print("window test: passed", flush=True)
