#!/usr/bin/python3
"""Photographs the program in its states (see gallery): gallery.py PROGRAM FOLDER"""
import os
import re
import subprocess
import sys
import tempfile
import time

from PIL import Image

YELLOW = (0xFF, 0xC8, 0x3D)
# Where to press in the home window of 1180 x 700 pixels: all alignments, the tab of the whole market
# and why it rang; and at 150 %, where the signals are a tab in place of the list.
MATRIX, MARKET, WHY = (818, 82), (140, 82), (1135, 166)
LARGE_MATRIX, LARGE_SIGNALS, LARGE_WHY = (1110, 122), (375, 122), (1130, 295)
# A Friday in the session and one after it, for the simulator and the program's clock.
OPEN, CLOSED = "2026-11-27T10:20", "2026-11-27T20:30"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
HOMES = ("정배", "Jeongbae")
RULES = ("조건", "Rules", "Rule")
program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
os.makedirs(folder, exist_ok=True)
with open("config/demo.toml", encoding="utf-8") as file:
    DEMO = file.read()


# Dear and cheap stocks, long names, funds, a halt, warnings, young listings.
UNUSUAL = re.sub(r"codes = \[.*\]", 'codes = ["000660", "502105", "Q910357", "Q910376", "501120", '
                 '"500210", "501820", "509240", "Q910086", "005930", "2435R0", "207940"]', DEMO)
LONG_RULE = """
[[rule]]
name = "여섯 문장"
timeframe = "5m"
when = "alignment is bullish on 60m and close crosses above ma20 within 3 bars and \
(volume > 2 * volma20 or disparity20 > 105) and not close < ma120 and ma20 > ma60 for 3 bars"
"""


def windows():
    """Id by title of every window."""
    said = subprocess.run(["wmctrl", "-l"], capture_output=True, text=True, check=False).stdout
    lines = (line.split(None, 3) for line in said.splitlines())
    return {parts[3]: parts[0] for parts in lines if len(parts) == 4}


def window_of(titles):
    return next((w for title, w in windows().items() if title in titles), None)


def until(what, seconds, check):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    sys.exit(f"gallery: {what} did not come within {seconds} s; windows: {list(windows())}")


def grab(window):
    path = os.path.join(scratch, "picture.png")
    subprocess.run(["import", "-silent", "-window", window, path], check=True)
    return Image.open(path).convert("RGB")


def yellow(image):
    return sum(count for count, color in image.getcolors(1 << 24)
               if all(abs(a - b) <= 6 for a, b in zip(color, YELLOW)))


def brightest(window):
    """What blinks, while it is lit."""
    def shot(_):
        time.sleep(0.15)
        return grab(window)
    return max(map(shot, range(10)), key=yellow)


def reduced(image):
    """The picture in 256 colours: grounds and lines exactly as they are, and of the rest those that
    lie furthest apart, so that a small spot such as the light of the link keeps its colour."""
    counted = sorted(image.getcolors(1 << 24), reverse=True)
    spread = image.quantize(96, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    spread = [color for _, color in spread.convert("RGB").getcolors(256)]
    palette = list(dict.fromkeys([color for _, color in counted[:160]] + spread))

    def nearest(color):
        away = [sum((a - b) ** 2 for a, b in zip(color, other)) for other in palette]
        return away.index(min(away))
    places = {color: nearest(color) for _, color in counted}
    out = Image.frombytes("P", image.size, bytes(map(places.get, image.getdata())))
    out.putpalette([part for color in palette for part in color])
    return out


def keep(image, name):
    path = os.path.join(folder, f"{name}.png")
    reduced(image).save(path, optimize=True)
    print(f"gallery: {path}, {os.path.getsize(path) // 1024} KiB", flush=True)


def place(window, x, y, width, height):
    subprocess.run(["wmctrl", "-i", "-r", window, "-e", f"0,{x},{y},{width},{height}"], check=True)


def click(window, x, y):
    subprocess.run(["wmctrl", "-i", "-a", window], check=True)
    subprocess.run(["xdotool", "mousemove", "--window", str(int(window, 16)), str(x), str(y),
                    "click", "1"], check=True)


def run(config, pictures, *arguments, more=None):
    """Starts the program with a configuration and hands its home window to `pictures`."""
    with tempfile.TemporaryDirectory() as data:
        file = os.path.join(data, "config.toml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(config)
        app = subprocess.Popen([program, "--config", file, "--data-dir", os.path.join(data, "data"),
                                *arguments], stderr=subprocess.DEVNULL,
                               env={**os.environ, **(more or {})})
        try:
            home = until("the home window", 30, lambda: window_of(HOMES))
            place(home, 0, 0, 1180, 700)
            subprocess.run(["xdotool", "mousemove", "2500", "1150"], check=True)
            pictures(home)
        finally:
            app.terminate()
            app.wait(15)
        until("the end", 10, lambda: not window_of(HOMES))


def press(window, keys):
    """Keys to a window, with the pointer out of the way."""
    subprocess.run(["wmctrl", "-i", "-a", window], check=True)
    subprocess.run(["xdotool", "mousemove", "2500", "1150"], check=True)
    time.sleep(0.4)
    subprocess.run(["xdotool", "key", keys], check=True)
    time.sleep(1.2)


def pressed(window, x, y):
    click(window, x, y)
    subprocess.run(["xdotool", "mousemove", "2500", "1150"], check=True)
    time.sleep(1.2)


def rules(home, name):
    """The rule editor, opened by its key."""
    press(home, "ctrl+r")
    editor = until("the rules' window", 10, lambda: window_of(RULES))
    place(editor, 1240, 0, 1100, 760)
    time.sleep(2.5)
    keep(grab(editor), name)


def stock_window():
    return next((w for title, w in windows().items() if re.search(r" [0-9A-Z]{6,7}$", title)), None)


def ringing(home):
    stock = until("a signal", 100, stock_window)
    # Side by side, so that both can be photographed; laid over each other afterwards.
    place(stock, 1240, 0, 1100, 700)
    time.sleep(1.5)
    front, behind = brightest(stock), brightest(home)
    both = Image.new("RGB", (1440, 900), (0x3A, 0x44, 0x54))
    both.paste(behind, (0, 0))
    both.paste((0x6A, 0x76, 0x88), (338, 198, 1440, 900))
    both.paste(front, (340, 200))
    keep(both, "ringing")
    keep(front, "stock")
    keep(behind, "home-dark")
    press(home, "ctrl+comma")
    keep(grab(home), "settings")
    press(home, "Escape")
    pressed(home, *MATRIX)
    keep(grab(home), "matrix")
    pressed(home, *MATRIX)
    pressed(home, *WHY)
    keep(grab(home), "signal-card")
    press(home, "Escape")
    rules(home, "rules")


def both(ending, seconds, editor=False):
    """The home window and a stock's in front of it, under names with an ending."""
    def pictures(home):
        stock = until("the stock's window", 20, stock_window)
        place(stock, 1240, 0, 1100, 700)
        time.sleep(seconds)
        keep(grab(home), f"home-{ending}")
        keep(grab(stock), f"stock-{ending}")
        if editor:
            rules(home, f"rules-{ending}")
    return pictures


def large(ending):
    """At 150 %: every screen, once it has rung."""
    def pictures(home):
        stock = until("a signal", 100, stock_window)
        place(stock, 1240, 0, 1100, 700)
        time.sleep(1.5)
        keep(brightest(stock), f"stock-{ending}")
        keep(brightest(home), f"home-{ending}")
        press(home, "ctrl+comma")
        keep(grab(home), f"settings-{ending}")
        press(home, "Escape")
        pressed(home, *LARGE_MATRIX)
        keep(grab(home), f"matrix-{ending}")
        pressed(home, *LARGE_SIGNALS)
        pressed(home, *LARGE_WHY)
        keep(grab(home), f"signal-card-{ending}")
        rules(home, f"rules-{ending}")
    return pictures


def unusual(home):
    """Stocks that are not like others, and what is typed to find some."""
    time.sleep(40)
    keep(grab(home), "home-unusual")
    pressed(home, *MATRIX)
    keep(grab(home), "matrix-unusual")
    pressed(home, *MATRIX)
    press(home, "slash")
    subprocess.run(["xdotool", "type", "--delay", "60", "tkatjd"], check=True)
    time.sleep(1.5)
    keep(grab(home), "search")


def long_rule(home):
    time.sleep(8)
    rules(home, "rules-long")


def only_stock(name, seconds):
    """A stock's window alone."""
    def pictures(_):
        stock = until("the stock's window", 20, stock_window)
        place(stock, 1240, 0, 1100, 700)
        time.sleep(seconds)
        keep(grab(stock), name)
    return pictures


def market(ending="", seconds=75):
    def pictures(home):
        time.sleep(seconds)
        pressed(home, *MARKET)
        keep(grab(home), f"market{ending}")
    return pictures


def faulty(pictures, script, settings="", *arguments):
    """The program at a simulator in which something goes wrong, on a market day."""
    lines = os.path.join(scratch, "script")
    with open(lines, "w", encoding="utf-8") as file:
        file.write(script)
    sim = subprocess.Popen([program, "sim", "--rest-port", "0", "--ws-port", "0",
                            "--start", OPEN, "--script", lines],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        rest, ws = (sim.stdout.readline().split()[1] for _ in range(2))
        config = f"[kis]\nrest_url = \"{rest}\"\nws_url = \"{ws}\"\n{settings}\n{DEMO}"
        at = {"LD_PRELOAD": FAKETIME, "FAKETIME": "@" + OPEN.replace("T", " ") + ":00",
              "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "Asia/Seoul",
              "KIS_APP_KEY": "PS" + "x" * 34, "KIS_APP_SECRET": "y" * 180}
        run(config, pictures, *arguments, more=at)
    finally:
        sim.terminate()
        sim.wait(10)


def refused(home):
    """A stock's window opened while every request fails."""
    time.sleep(25)
    press(home, "Down")
    press(home, "Return")
    stock = until("the stock's window", 20, stock_window)
    place(stock, 1240, 0, 1100, 700)
    time.sleep(20)
    keep(grab(stock), "stock-error")
    keep(grab(home), "home-error")


def shows(name, seconds):
    def pictures(home):
        time.sleep(seconds)
        keep(grab(home), name)
    return pictures


def loading(_):
    # As it opens: a new size would take a moment, and the bars come soon.
    stock = until("the stock's window", 20, stock_window)
    time.sleep(0.3)
    keep(grab(stock), "loading")


with tempfile.TemporaryDirectory() as scratch:
    # One rule: a second signal would lay its window over the first.
    one_rule = DEMO.split("\n[[rule]]\nname = \"5분")[0]
    run(one_rule, ringing, "--demo")
    for ending, choice, editor in (
            ("light", 'theme = "light"', True),
            ("high-contrast", 'theme = "high-contrast"', True),
            ("english", 'language = "en"', True),
            ("light-english", 'theme = "light"\nlanguage = "en"', False)):
        run(f"{DEMO}\n[screen]\n{choice}\n", both(ending, 25, editor),
            "--demo", "--seed", "2", "--open", "005930")
    for ending, choice in (
            ("150", ""),
            ("150-light-english", 'theme = "light"\nlanguage = "en"'),
            ("150-high-contrast", 'theme = "high-contrast"')):
        run(f"{one_rule}\n[screen]\nfont_size = 150\n{choice}\n", large(ending), "--demo")
    filled = DEMO + "\n[market_view]\nfill = true\n"
    run(filled, market(), "--demo", "--seed", "3")
    run("", shows("empty", 9), "--demo")
    run(DEMO, loading, "--demo", "--open", "005930")
    run(UNUSUAL, unusual, "--demo")
    run(DEMO.split("\n[[rule]]")[0] + LONG_RULE, long_rule, "--demo")
    # The second day of a listing, and the auction before the close.
    run(UNUSUAL, only_stock("stock-young", 25),
        "--demo", "--start", "2026-06-04T09:40", "--open", "Q910086")
    run(DEMO, only_stock("stock-auction", 25),
        "--demo", "--start", "2026-11-27T15:22", "--open", "005930")
    run(DEMO, both("closed", 25), "--demo", "--start", CLOSED, "--open", "005930")
    faulty(both("reconnecting", 40),
           '{"at": "10:20:25", "refuse_sockets": true, "cut_sockets": true}\n',
           "", "--open", "005930")
    faulty(both("vi", 50), '{"at": "10:20:30", "vi": "005930"}\n', "", "--open", "005930")
    faulty(refused, '{"at": "10:20:20", "html_answers": 1000000}\n')
    faulty(both("paper", 40), '{"at": "10:20:00", "environment": "paper"}\n',
           'environment = "paper"', "--open", "005930")
    # Neither keys nor a demo.
    run("", shows("first-run", 4))
    run('[screen]\ntheme = "light"\nlanguage = "en"\n', shows("first-run-light-english", 4))
    # Nobody listens there: every request fails.
    nowhere = "[kis]\nrest_url = \"http://127.0.0.1:9\"\nws_url = \"ws://127.0.0.1:9\"\n"
    made_up = {"KIS_APP_KEY": "made-up", "KIS_APP_SECRET": "made-up-as-well"}
    run(nowhere + DEMO, shows("error", 12), more=made_up)
    # A file that cannot be used, and no terminal to say so.
    run("[kis]\nmarket = \"X\"\n", shows("stuck", 3))
