#!/usr/bin/python3
"""Drives the real window among other programs on a virtual display (see desktop.sh), with the
services of a desktop on its session bus: dunst shows the notifications, desk_services.py has the
tray and keeps the machine awake. Needs faketime.

    desk_test.py PROGRAM

1. A second start brings the first one's window up, opens the stock it names, and ends with 0;
   a start on another data folder is a program of its own.
2. The tray's menu opens the window, mutes and quits; the icon says when there is an unread signal.
   A click on the signal's notification brings the stock's window. Stock windows can be embedded.
3. Closing the home window of a live run (against the simulator) asks in the window, once: "go on"
   minimises it and is remembered in the configuration; a later start brings it back.
4. Starting with the system is off, and a tick in the settings makes an entry that starts the
   program, also where an upgrade has replaced its file meanwhile; without the tick it is gone.
5. In trading hours a rule keeps the machine awake, which is said; the hold ends with the program.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402 (the version must be named first)

from desk_services import Desktop, turn  # noqa: E402 (likewise)

program = os.path.abspath(sys.argv[1])
APP_ID = "kr.jeongbae.Jeongbae"
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
        # Besides waiting: the desktop's services are in this very process.
        turn(0.1)


def fail(text):
    print("desk test: FAILED:", text, flush=True)
    sys.exit(1)


def node(name, whole=True):
    todo = [Atspi.get_desktop(0)]
    while todo:
        one = todo.pop()
        try:
            text = one.get_name() or ""
            if text == name or (name in text and not whole):
                return one
            todo += [c for c in (one.get_child_at_index(i) for i in range(one.get_child_count())) if c]
        except Exception:  # a node may go away while it is read
            continue
    return None


def start(*arguments, **environment):
    return start_file(program, *arguments, **environment)


def start_file(file, *arguments, **environment):
    children.append(subprocess.Popen([file, *arguments], env={**os.environ, **environment},
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
        fail(f"the second start ended with {code}")
    until("a second start brings it back", lambda: not hidden(home))
    until("with the window of the stock it named", lambda: window(first, "005930"))
    other = start("--demo", "--data-dir", os.path.join(folder, "other"))
    until("another data folder is a program of its own", lambda: window(other, "정배"))
    end(other)
    end(first)


def called(folder):
    data = os.path.join(folder, "called")
    app = start("--demo", "--data-dir", data, "--open", "000660")
    home = until("a demo has a window", lambda: window(app, "정배"))
    until("and its icon is in the tray", lambda: desktop.items)
    until("which says that nothing is unread", lambda: desktop.of_item("Status") == "Active")
    subprocess.run(["xdotool", "windowminimize", home], check=True)
    until("the window is minimised", lambda: hidden(home))
    desktop.choose("열기")
    until("the tray's menu opens it", lambda: not hidden(home))
    desktop.choose("음소거")
    until("the menu mutes", lambda: desktop.menu()["음소거"][1].get("toggle-state") == 1)
    desktop.choose("음소거")
    until("and the other way", lambda: desktop.menu()["음소거"][1].get("toggle-state") == 0)
    until("the demo rings and the icon calls", lambda: desktop.of_item("Status") == "NeedsAttention", 120)
    rung = until("the stock's window comes by itself", lambda: ringing(app))
    note = until("a notification is shown", lambda: window_of_class("Dunst"))
    subprocess.run(["wmctrl", "-i", "-c", rung], check=True)
    until("its window is closed again", lambda: rung not in [id for id, _, _ in windows()])
    # dunst does the action on the middle button.
    left, top = place(note)
    subprocess.run(["xdotool", "mousemove", str(left + 40), str(top + 20), "click", "2"], check=True)
    until("a click on the notification brings the stock's window", lambda: ringing(app))
    desktop.choose("끝내기")
    until("the tray's menu ends the program", lambda: app.poll() is not None)
    if app.returncode != 0:
        fail(f"it ended with {app.returncode}")
    until("the icon goes with it", lambda: not desktop.items)
    app = start("--demo", "--data-dir", data, "--embed-windows", "--open", "000660")
    until("an embedded stock window is in the home window", lambda: node("캔들 차트", whole=False))
    if [name for _, pid, name in windows() if pid == app.pid and "000660" in name]:
        fail("--embed-windows: the stock has a window of its own")
    end(app)


def ringing(process):
    """A window of a stock other than the one that was opened."""
    return next((id for id, pid, name in windows()
                 if pid == process.pid and name != "정배" and "000660" not in name), None)


def window_of_class(name):
    return next(iter(said("xdotool", "search", "--onlyvisible", "--class", name).split()), None)


def place(id):
    lines = dict(line.split("=", 1) for line in said("xdotool", "getwindowgeometry", "--shell", id).splitlines())
    return int(lines["X"]), int(lines["Y"])


KEYS = {"KIS_APP_KEY": "PSmadeupkey00", "KIS_APP_SECRET": "made-up-secret-for-the-simulator"}


def simulated(config, more="", *arguments):
    """A simulator, and a configuration that leads to it."""
    sim = subprocess.Popen([program, "sim", *arguments], stdout=subprocess.PIPE, text=True)
    children.append(sim)
    rest, ws = sim.stdout.readline().split()[1], sim.stdout.readline().split()[1]
    os.makedirs(os.path.dirname(config), exist_ok=True)
    with open(config, "w", encoding="utf-8") as file:
        file.write(f'[kis]\nrest_url = "{rest}"\nws_url = "{ws}"\n'
                   f'[[watchlist]]\ngroup = "A"\ncodes = ["005930"]\n{more}')
    return sim


def closing(folder):
    config = os.path.join(folder, "config.toml")
    sim = simulated(config)
    arguments = ["--config", config, "--data-dir", os.path.join(folder, "live")]
    app = start(*arguments, **KEYS)
    home = until("a live run has a window", lambda: window(app, "정배"))
    until("and watches", lambda: node("홈으로 (Alt+Home)"))
    subprocess.run(["wmctrl", "-i", "-c", home], check=True)
    button = until("closing it asks in the window", lambda: node("계속 감시"))
    if not window(app, "정배"):
        fail("the window went before the answer")
    button.do_action(0)
    until("'go on' minimises it", lambda: hidden(home))
    until("and is remembered", lambda: 'on_close = "background"' in open(config, encoding="utf-8").read())
    code = subprocess.run([program, *arguments], env={**os.environ, **KEYS}, check=False, timeout=20).returncode
    if code != 0:
        fail(f"the later start ended with {code}")
    until("a later start brings it back", lambda: not hidden(home))
    until("the question is gone", lambda: not node("계속 감시"))
    subprocess.run(["wmctrl", "-i", "-c", home], check=True)
    until("closing again minimises without a question", lambda: hidden(home) and not node("계속 감시"))
    if app.poll() is not None:
        fail("the program ended")
    end(app)
    end(sim)


def click(name):
    until(f"‘{name}’ is there", lambda: node(name)).do_action(0)


def with_the_system(folder):
    # The user's own places, which desktop.sh has put aside: only such a run may say how to start.
    entry = os.path.join(os.environ["XDG_CONFIG_HOME"], "autostart", APP_ID + ".desktop")
    config = os.path.join(os.environ["XDG_CONFIG_HOME"], "jeongbae", "config.toml")
    sim = simulated(config)
    installed = os.path.join(folder, "내 프로그램", "jeongbae")
    os.mkdir(os.path.dirname(installed))
    shutil.copy(program, installed)
    app = start_file(installed, **KEYS)
    home = until("a run on the user's own files has a window", lambda: window(app, "정배"))
    until("and watches", lambda: node("홈으로 (Alt+Home)"))
    if os.path.exists(entry):
        fail("it starts with the system without having been asked to")
    shutil.copy(program, installed + ".new")
    os.replace(installed + ".new", installed)
    for name in ("설정 (Ctrl+,)", "시스템", "컴퓨터를 켤 때 함께 시작"):
        click(name)
    until("a tick makes the entry that starts it with the system", lambda: os.path.exists(entry))
    until("and is remembered", lambda: "autostart = true" in open(config, encoding="utf-8").read())
    subprocess.run(["desktop-file-validate", entry], check=True)
    subprocess.run(["xdotool", "windowminimize", home], check=True)
    until("the window is minimised", lambda: hidden(home))
    # What the session does at its start.
    subprocess.run(["gio", "launch", entry], env={**os.environ, **KEYS}, check=True)
    until("the entry starts the program: the running one comes to the front", lambda: not hidden(home))
    click("컴퓨터를 켤 때 함께 시작")
    until("without the tick the entry is gone", lambda: not os.path.exists(entry))
    end(app)
    end(sim)


def awake(folder):
    config, start_at = os.path.join(folder, "awake", "config.toml"), "2026-11-23T10:00"
    rule = '[[rule]]\nname = "A"\ntimeframe = "30m"\nwhen = "alignment becomes bullish"\n'
    sim = simulated(config, rule, "--start", start_at)
    if desktop.awake:
        fail(f"something keeps the machine awake already: {desktop.awake}")
    fake = {"TZ": "Asia/Seoul", "FAKETIME_DONT_FAKE_MONOTONIC": "1", **KEYS}
    app = subprocess.Popen(["faketime", start_at.replace("T", " "), program, "--config", config,
                            "--data-dir", os.path.join(folder, "awake", "data")],
                           env={**os.environ, **fake}, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until("in trading hours a rule keeps the machine awake",
              lambda: [who for _, who, _ in desktop.awake.values()] == [APP_ID])
        until("which the status line says", lambda: node("절전 막음"))
    finally:
        os.killpg(app.pid, signal.SIGTERM)
        app.wait(10)
    until("the hold ends with the program", lambda: not desktop.awake)
    end(sim)


desktop = Desktop()
children.append(subprocess.Popen(["dunst"], stderr=subprocess.DEVNULL))
for name in ("IsEnabled", "ScreenReaderEnabled"):
    subprocess.run(["dbus-send", "--session", "--dest=org.a11y.Bus", "--print-reply", "/org/a11y/bus",
                    "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", f"string:{name}",
                    "variant:boolean:true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
Atspi.init()
try:
    with tempfile.TemporaryDirectory() as scratch:
        later_starts(scratch)
        called(scratch)
        closing(scratch)
        with_the_system(scratch)
        awake(scratch)
finally:
    for child in children:
        child.kill()
print("desk test: passed", flush=True)
