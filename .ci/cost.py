#!/usr/bin/python3
"""What the open window costs a machine, in processor time and memory, on a virtual display (see desktop.sh).

    cost.py PROGRAM

Needs Debian's `faketime`; with `perf` (linux-perf) it can tell more. Takes some four minutes and
prints one line a figure with the goals beside it; fails only where something could not be measured.

The simulator is a process of its own, with a market at a weekend and then on a Monday morning; the
program is told that it is that time, and its monotonic clock is left alone. Forty stocks with ten
timeframes, the window of one of them open. Measured are the market closed, some 300 prints a
second, and the memory of both over the memory of a window without a stock. The second run starts
on the store of the first.

A user's machine draws with its graphics processor, so the threads of the software rasteriser are
left out, and so is what the window's own thread spends inside the GL libraries, buffer swap
included; without perf that part cannot be told and stays in the figure.
"""
import atexit
import contextlib
import glob
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile

program = os.path.abspath(sys.argv[1])
STOCKS = 40
FRAMES = ["1m", "3m", "5m", "10m", "15m", "30m", "60m", "120m", "240m", "D"]
# Calls a second; far above the broker's, so that the history of all is here soon.
RATE = 600
# Every print is sent so many times, which makes some 300 a second of these stocks at that hour.
TIMES = 40
SATURDAY, MONDAY, BUSY = "2026-11-21T12:00", "2026-11-23T10:00", "10:01:00"
BUSY_AFTER = 60.0
# How long processor time is counted, and how long perf looks afterwards.
SPAN, LOOK = 20.0, 12
# Where perf says that a moment belongs to the graphics driver: its libraries, and the shaders they
# compile while running, the only code that is in no file.
GL = re.compile(r"\((?:\S*/)?(?:lib(?:GL|EGL|OpenGL|gallium|LLVM|glapi)\S*|\S*_dri\.so\S*|perf-\d+\.map)\)")


def fail(text):
    print("cost: FAILED:", text, flush=True)
    sys.exit(1)


class Relay:
    """Stands between the program and the simulator's websocket and counts the prints that pass."""

    MARK = re.compile(rb"\|H0(?:ST|NX|UN)CNT0\|(\d{3})\|")

    def __init__(self, port):
        self.prints = 0
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near = self.listener.accept()[0]
            far = socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=self.pass_on, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(far, near, True), daemon=True).start()

    def pass_on(self, source, sink, count):
        rest = b""
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                if count:
                    rest += data
                    end = 0
                    for mark in self.MARK.finditer(rest):
                        self.prints += int(mark[1])
                        end = mark.end()
                    # A mark may lie across two reads.
                    rest = rest[max(end, len(rest) - 16):]
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Run:
    """The simulator, and the program on it."""

    def __init__(self, folder, data, start, stocks, steps):
        os.makedirs(folder)
        script, config = os.path.join(folder, "script"), os.path.join(folder, "config.toml")
        with open(script, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(step) + "\n" for step in ({"at": "00:00:00", "calls_per_second": RATE}, *steps))
        self.sim = subprocess.Popen([program, "sim", "--start", start, "--script", script],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # Also where something fails before the run is there to be ended.
        atexit.register(self.sim.kill)
        said = "".join(self.sim.stdout.readline() for _ in range(2))
        rest, port = re.search(r"rest (http\S+)", said), re.search(r"ws ws://127\.0\.0\.1:(\d+)", said)
        if not (rest and port):
            fail(f"the simulator did not start: {said!r}")
        self.relay = Relay(int(port[1]))
        self.codes = known(rest[1])[:stocks]
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'[kis]\nrest_url = "{rest[1]}"\nws_url = "ws://127.0.0.1:{self.relay.port}"\n'
                       f"requests_per_second = {RATE - 20}\n"
                       f"[screen]\ncolumns = {json.dumps(FRAMES)}\n[reach]\nsound = false\n"
                       f'[[watchlist]]\ngroup = "all"\ncodes = {json.dumps(self.codes)}\n')
            if self.codes:
                file.write('[[rule]]\nname = "bullish"\ntimeframe = "30m"\nwhen = "alignment becomes bullish"\n')
        # The simulator takes any keys of a plausible form.
        keys = {"KIS_APP_KEY": "PS" + "x" * 34, "KIS_APP_SECRET": "y" * 180}
        opens = ["--open", self.codes[0]] if self.codes else []
        self.begun = time.monotonic()
        self.faketime = subprocess.Popen(
            ["faketime", start.replace("T", " "), program, "--config", config, "--data-dir", data, *opens],
            env={**os.environ, **keys, "TZ": "Asia/Seoul", "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        atexit.register(self.kill)
        self.pid = self.program_itself()

    def program_itself(self):
        """faketime waits beside the program: what is measured is its child."""
        own = self.faketime.pid
        for _ in range(100):
            with open(f"/proc/{own}/task/{own}/children", encoding="utf-8") as file:
                children = file.read().split()
            for child in children:
                try:
                    if os.path.realpath(f"/proc/{child}/exe") == os.path.realpath(program):
                        return int(child)
                except OSError:
                    pass
            time.sleep(0.1)
        fail("the program did not start")

    def spent(self):
        """Processor seconds so far by the name of the thread; the window's own is `window`."""
        if self.faketime.poll() is not None:
            fail(f"the program ended with {self.faketime.returncode}")
        spent, own = {}, {}
        for folder in glob.glob(f"/proc/{self.pid}/task/*"):
            try:
                with open(f"{folder}/comm", encoding="utf-8") as file:
                    name = file.read().strip()
                with open(f"{folder}/schedstat", encoding="utf-8") as file:
                    own[os.path.basename(folder)] = name, int(file.read().split()[0]) / 1e9
            except OSError:
                # The thread has ended meanwhile.
                continue
        for thread, (name, seconds) in own.items():
            name = "window" if thread == str(self.pid) else name
            spent[name] = spent.get(name, 0.0) + seconds
        return spent

    def settle(self, patience):
        """Waits until the history is here: the engine has had next to nothing to do for eight seconds."""
        end, quiet = time.monotonic() + patience, 0
        # Until the first answers are here it is quiet as well.
        time.sleep(8)
        before = self.spent()
        while quiet < 4:
            if end < time.monotonic():
                fail(f"the engine was still busy after {patience:.0f} s")
            time.sleep(2)
            now = self.spent()
            busy = (now.get("engine", 0.0) - before.get("engine", 0.0)) / 2
            quiet, before = quiet + 1 if busy < 0.02 else 0, now

    def memory(self):
        """Resident memory in MB."""
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
            return int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.MULTILINE)[1]) / 1024

    def drawing(self, folder):
        """Which part of the window's own thread is inside the GL libraries; None without perf."""
        data = os.path.join(folder, "perf.data")
        try:
            # Few of this thread's moments: many looks at each, with the callers, for the swap ends in the kernel.
            subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "1999", "--call-graph", "dwarf,16384",
                            "-t", str(self.pid), "-o", data, "--", "sleep", str(LOOK)], capture_output=True, check=True)
            text = subprocess.run(["perf", "script", "-i", data, "--no-inline", "-F", "ip,sym,dso"],
                                  capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return None
        samples = [sample for sample in text.split("\n\n") if sample.strip()]
        return sum(GL.search(sample) is not None for sample in samples) / len(samples) if samples else None

    def kill(self):
        """faketime and the program, which does not end with it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.faketime.pid, signal.SIGKILL)

    def end(self):
        """As a user ends it, for the second run goes on with the first one's store."""
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.kill(self.pid, signal.SIGTERM)
            self.faketime.wait(15)
        self.kill()
        self.sim.kill()
        for process in (self.faketime, self.sim):
            process.wait()
        # The number may be another's by the time this script ends.
        atexit.unregister(self.kill)


def known(rest):
    """Codes from the simulator's own list: KOSPI's largest companies, which trade all day."""
    with urllib.request.urlopen(f"{rest}/common/master/nxt_kospi_code.mst.zip") as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    lines = archive.read(archive.namelist()[0]).splitlines()
    return [line[:9].decode("ascii").strip() for line in lines]


def cost(name, required, goal, run, folder):
    before, prints, start = run.spent(), run.relay.prints, time.monotonic()
    time.sleep(SPAN)
    after, took = run.spent(), time.monotonic() - start
    prints = (run.relay.prints - prints) / took
    share = run.drawing(folder)
    spent = {thread: 100 * (seconds - before.get(thread, 0.0)) / took for thread, seconds in after.items()}
    # The GL library names its threads after the program's first letters.
    raster = {thread for thread in spent if re.match(r"llvmpipe-|[^:]{1,8}:(?:gl|gdrv|disk|sh|cs)", thread)}
    window = spent.pop("window")
    left_out = sum(spent.pop(thread) for thread in raster)
    drawing = window * (share or 0.0)
    ours = window - drawing + sum(spent.values())
    others = ", ".join(f"{thread} {used:.2f}" for thread, used in sorted(spent.items()) if 0.005 <= used)
    swap = (f"its drawing and swap, left out, {drawing:.2f}" if share is not None
            else "its drawing and swap not told apart (no perf): the figure includes them")
    print(f"cost: {name}, {prints:.0f} prints a second: {ours:.2f} % of a core; R < {required} %, M < {goal} % "
          f"(window's thread without drawing {window - drawing:.2f}; {others or 'no other thread'}; {swap}; "
          f"rasteriser's threads, left out, {left_out:.2f})", flush=True)


def scene(name, start, stocks, steps, measure):
    folder = os.path.join(scratch, name)
    run = Run(folder, os.path.join(scratch, "data" if stocks else "no-stocks"), start, stocks, steps)
    try:
        return measure(run, folder)
    finally:
        run.end()


def empty(run, _folder):
    run.settle(60)
    return run.memory()


def whole_days():
    """How many days of minutes the store has of each stock."""
    found = {}
    for file in glob.glob(os.path.join(scratch, "data", "**", "*"), recursive=True):
        if os.path.isfile(file) and open(file, "rb").read(15) == b"SQLite format 3":
            with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
                if store.execute("SELECT 1 FROM sqlite_master WHERE name = 'day_blob'").fetchone():
                    found.update(store.execute("SELECT code, count(*) FROM day_blob GROUP BY code"))
    return found


def closed(run, folder):
    run.settle(150)
    took, days = time.monotonic() - run.begun, whole_days()
    # Quiet may also mean that something is stuck: then there would be less to hold and to draw.
    missing = [code for code in run.codes if code not in days]
    if missing:
        fail(f"the engine is quiet, but there is no history of {missing}")
    print(f"cost: {len(days)} stocks have {min(days.values())} to {max(days.values())} days of minutes; "
          f"the engine quiet after {took:.0f} s", flush=True)
    cost("market closed", 1, 0.2, run, folder)
    return run.memory(), time.monotonic() - run.begun


def busy(run, folder):
    run.settle(BUSY_AFTER - 2)
    time.sleep(max(0.0, run.begun + BUSY_AFTER + 5 - time.monotonic()))
    cost("market open", 10, 3, run, folder)
    return run.memory(), time.monotonic() - run.begun


if not shutil.which("faketime"):
    fail("faketime is not installed")
with tempfile.TemporaryDirectory() as scratch:
    least = scene("empty", SATURDAY, 0, [], empty)
    fetched = scene("closed", SATURDAY, STOCKS, [], closed)
    # Read from the store where the other was fetched: the allocator is left with other holes.
    read = scene("busy", MONDAY, STOCKS, [{"at": BUSY, "prints_times": TIMES}], busy)
    for name, (most, lasted) in (("market closed, history fetched", fetched), ("market open, history read", read)):
        print(f"cost: memory over the empty window, {name}, {STOCKS} stocks, {len(FRAMES)} timeframes, after "
              f"{lasted:.0f} s: {most - least:.1f} MB; R < 120 MB, M < 30 MB (empty window {least:.1f} MB, "
              f"now {most:.1f} MB)", flush=True)
