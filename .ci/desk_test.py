#!/usr/bin/python3
"""Drives the real window among other programs on a virtual display (see desktop.sh).

    desk_test.py PROGRAM

1. A second start brings the first one's window up, opens the stock it names, and ends with 0;
   a start on another data folder is a program of its own.
2. Closing the home window of a live run (against the simulator) asks in the window, once: "go on"
   minimises it and is remembered in the configuration; a later start brings it back.
"""
import os
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402 (the version must be named first)

program = sys.argv[1]
children = []


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def windows():
    """Id, process and title of every window."""
    lines = (line.split(None, 4) for line in said("wmctrl", "-lp").splitlines())
    return [(parts[0], int(parts[2]), parts[4]) for parts in lines if len(parts) == 5]


def window(process, title):
    return next((id for id, pid, name in windows() if pid == process.pid and title in name), None)


def hidden(id):
    return "_NET_WM_STATE_HIDDEN" in said("xprop", "-id", id, "_NET_WM_STATE")


def until(what, check, seconds=30):
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            print(f"desk test: {what}", flush=True)
            return found
        if end < time.monotonic():
            print(f"desk test: FAILED: not within {seconds} s: {what}; windows: {windows()}", flush=True)
            sys.exit(1)
        time.sleep(0.1)


def node(name):
    todo = [Atspi.get_desktop(0)]
    while todo:
        one = todo.pop()
        try:
            if one.get_name() == name:
                return one
            todo += [c for c in (one.get_child_at_index(i) for i in range(one.get_child_count())) if c]
        except Exception:  # a node may go away while it is read
            continue
    return None


def start(*arguments, **environment):
    children.append(subprocess.Popen([program, *arguments], env={**os.environ, **environment},
                                     stderr=subprocess.DEVNULL))
    return children[-1]


def end(process):
    process.terminate()
    process.wait(10)


def later_starts(folder):
    data = os.path.join(folder, "demo")
    first = start("--demo", "--data-dir", data)
    home = until("the first start has a window", lambda: window(first, "정배"))
    subprocess.run(["xdotool", "windowminimize", home], check=True)
    until("it is minimised", lambda: hidden(home))
    code = subprocess.run([program, "--demo", "--data-dir", data, "--open", "005930"], check=False, timeout=20).returncode
    if code != 0:
        sys.exit(f"desk test: FAILED: the second start ended with {code}")
    until("a second start brings it back", lambda: not hidden(home))
    until("with the window of the stock it named", lambda: window(first, "005930"))
    other = start("--demo", "--data-dir", os.path.join(folder, "other"))
    until("another data folder is a program of its own", lambda: window(other, "정배"))
    end(other)
    end(first)


def closing(folder):
    config = os.path.join(folder, "config.toml")
    sim = subprocess.Popen([program, "sim"], stdout=subprocess.PIPE, text=True)
    children.append(sim)
    rest, ws = sim.stdout.readline().split()[1], sim.stdout.readline().split()[1]
    with open(config, "w", encoding="utf-8") as file:
        file.write(f'[kis]\nrest_url = "{rest}"\nws_url = "{ws}"\n[[watchlist]]\ngroup = "A"\ncodes = ["005930"]\n')
    arguments = ["--config", config, "--data-dir", os.path.join(folder, "live")]
    keys = {"KIS_APP_KEY": "PSmadeupkey00", "KIS_APP_SECRET": "made-up-secret-for-the-simulator"}
    app = start(*arguments, **keys)
    home = until("a live run has a window", lambda: window(app, "정배"))
    until("and watches", lambda: node("홈으로 (Alt+Home)"))
    subprocess.run(["wmctrl", "-i", "-c", home], check=True)
    button = until("closing it asks in the window", lambda: node("계속 감시"))
    if not window(app, "정배"):
        sys.exit("desk test: FAILED: the window went before the answer")
    button.do_action(0)
    until("'go on' minimises it", lambda: hidden(home))
    until("and is remembered", lambda: 'on_close = "background"' in open(config, encoding="utf-8").read())
    code = subprocess.run([program, *arguments], env={**os.environ, **keys}, check=False, timeout=20).returncode
    if code != 0:
        sys.exit(f"desk test: FAILED: the later start ended with {code}")
    until("a later start brings it back", lambda: not hidden(home))
    until("the question is gone", lambda: not node("계속 감시"))
    subprocess.run(["wmctrl", "-i", "-c", home], check=True)
    until("closing again minimises without a question", lambda: hidden(home) and not node("계속 감시"))
    if app.poll() is not None:
        sys.exit("desk test: FAILED: the program ended")
    end(app)
    end(sim)


for name in ("IsEnabled", "ScreenReaderEnabled"):
    subprocess.run(["dbus-send", "--session", "--dest=org.a11y.Bus", "--print-reply", "/org/a11y/bus",
                    "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", f"string:{name}",
                    "variant:boolean:true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
Atspi.init()
try:
    with tempfile.TemporaryDirectory() as scratch:
        later_starts(scratch)
        closing(scratch)
finally:
    for child in children:
        child.kill()
print("desk test: passed", flush=True)
