#!/usr/bin/python3
"""Starts the installed program by its menu entry and walks through the first run into the demo.
Meant for an empty home on a display and session bus of its own; see fresh_root.sh."""
import os
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402 (the version must be named first)

ENTRY = "/usr/share/applications/kr.jeongbae.Jeongbae.desktop"


def until(what, seconds, check):
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            print(f"first run: {what}", flush=True)
            return found
        if end < time.monotonic():
            sys.exit(f"first run: FAILED: {what} did not come within {seconds} s; on screen: {sorted(set(names()))}")
        time.sleep(0.2)


def nodes():
    found, todo = [], [Atspi.get_desktop(0)]
    while todo:
        node = todo.pop()
        try:
            found.append((node.get_name() or "", node))
            todo += [c for c in (node.get_child_at_index(i) for i in range(node.get_child_count())) if c]
        except Exception:  # a node may go away while it is read
            continue
    return found


def names():
    return [name for name, _ in nodes()]


def named(part):
    return next((node for name, node in nodes() if part in name), None)


def windows():
    return subprocess.run(["wmctrl", "-lx"], capture_output=True, text=True, check=False).stdout


manager = subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
for name in ("IsEnabled", "ScreenReaderEnabled"):
    subprocess.run(["dbus-send", "--session", "--dest=org.a11y.Bus", "--print-reply", "/org/a11y/bus",
                    "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", f"string:{name}",
                    "variant:boolean:true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
Atspi.init()
subprocess.run(["gio", "launch", ENTRY], check=True)
until("the menu entry opened a window of kr.jeongbae.Jeongbae", 30, lambda: "kr.jeongbae.Jeongbae" in windows())
button = until("the first screen offers the demo", 20, lambda: named("데모 시작"))
button.do_action(0)
until("the demo says that its prices are made up", 30, lambda: named("가상 시세"))
until("its watchlist has 삼성전자", 20, lambda: named("삼성전자"))
until("a signal rings", 90, lambda: next((n for n in names() if "왜 울렸나" in n), None))
pid = subprocess.run(["pidof", "jeongbae"], capture_output=True, text=True, check=True).stdout.split()
os.kill(int(pid[0]), 15)
until("the program has ended", 10,
      lambda: subprocess.run(["pidof", "jeongbae"], stdout=subprocess.DEVNULL, check=False).returncode)
manager.terminate()
