#!/usr/bin/python3
"""Walks through the real program twice on a virtual display (see desktop.sh), from the first start to its end.

    walk_test.py PROGRAM [keyboard|tree|wrong]

1. With the keyboard alone, in windows of their own: nothing is pressed but keys. The accessibility
   tree of the home window and the window manager's list only tell what came of it.
2. With what a screen reader can do alone: actions and focus of the tree, with embedded windows.
   Every control has a name everywhere on the way, and values are read while they change.
3. With a configuration file that is wrong: it is told in a window, where no terminal is, and read
   again when it has been mended.

1 and 2: the first screen, the demo, search and add a stock, its window, a rule, a signal and its card,
the settings, the end.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402 (the version must be named first)

program = os.path.abspath(sys.argv[1])
# A stock the demo does not watch.
NAME, CODE = "KB금융", "105560"
# What the user can do something with, by the names AT-SPI gives.
CONTROLS = {"button", "push button", "toggle button", "check box", "radio button", "entry", "text", "combo box", "page tab",
            "column header", "table row", "list item", "slider", "spin button", "image", "menu item"}


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def windows():
    """Id by title."""
    lines = (line.split(None, 3) for line in said("wmctrl", "-l").splitlines())
    return {parts[3]: int(parts[0], 16) for parts in lines if len(parts) == 4}


def active():
    """Title of the window that gets the keys."""
    id = int(said("xdotool", "getactivewindow").strip() or 0)
    return next((title for title, one in windows().items() if one == id), "")


def nodes():
    """Name, role and handle of everything in the tree, children behind their parents."""
    found, todo = [], [Atspi.get_desktop(0)]
    while todo:
        node = todo.pop()
        try:
            found.append((node.get_name() or "", node.get_role_name(), node))
            todo += [c for c in (node.get_child_at_index(i) for i in range(node.get_child_count())) if c][::-1]
        except Exception:  # a node may go away while it is read
            continue
    return found


def named(part, role=None):
    return next((node for name, kind, node in nodes() if part in name and role in (None, kind)), None)


def exactly(whole):
    """What can be used before what only says so."""
    found = [node for name, _, node in nodes() if name == whole]
    usable = [node for node in found if node.get_action_iface() and node.get_action_iface().get_n_actions()]
    return next(iter(usable + found), None)


def focused():
    for name, role, node in nodes():
        try:
            if node.get_state_set().contains(Atspi.StateType.FOCUSED) and role not in ("frame", "window", "application"):
                return name
        except Exception:
            continue
    return ""


def fail(text):
    print(f"walk: FAILED: {text}; windows: {list(windows())}; focus: {focused()!r}; on screen: "
          f"{sorted({name for name, _, _ in nodes() if name})}", flush=True)
    sys.exit(1)


def until(what, check, seconds=20):
    end = time.monotonic() + seconds
    while True:
        try:
            found = check()
        except Exception:  # what was just found may be gone when it is looked at
            found = None
        if found:
            print(f"walk: {what}", flush=True)
            return found
        if end < time.monotonic():
            fail(f"not within {seconds} s: {what}")
        time.sleep(0.1)


def start(*arguments):
    for name in ("IsEnabled", "ScreenReaderEnabled"):
        subprocess.run(["dbus-send", "--session", "--dest=org.a11y.Bus", "--print-reply", "/org/a11y/bus",
                        "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", f"string:{name}",
                        "variant:boolean:true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    Atspi.init()
    bare = {key: value for key, value in os.environ.items() if not key.startswith("KIS_")}
    # As after a double click: no terminal.
    return subprocess.Popen([program, *arguments], env=bare, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ended(app, right=0):
    code = until("and ends", lambda: None if app.poll() is None else [app.returncode])[0]
    if code != right:
        fail(f"it ended with {code}")


# The keyboard.

def key(*keys):
    for one in keys:
        subprocess.run(["xdotool", "key", "--clearmodifiers", one], check=True)
        time.sleep(0.12)


def has_the_keys(title):
    """No hand is quicker than a window's first picture, which a machine without a graphics processor takes its time for."""
    until(f"{title} has the keys", lambda: active() == title)
    time.sleep(1.5)


def letters(text):
    subprocess.run(["xdotool", "type", "--delay", "40", text], check=True)


def home():
    """A signal may have brought another window up meanwhile, or bring one at this very moment,
    which takes the keys before its first picture: pressed again then."""
    pressed = [0.0]

    def at_home():
        if active() == "정배":
            return True
        if pressed[0] + 4 < time.monotonic():
            key("alt+Home")
            pressed[0] = time.monotonic()
        return False

    key("alt+Home")
    pressed[0] = time.monotonic()
    until("Alt+Home: the home window has the keys", at_home)


def tab_to(part, key_of="Tab"):
    for _ in range(260):
        if part in focused():
            return
        if active() != "정배":
            # A signal had its turn while nothing was pressed for three seconds.
            home()
        key(key_of)
    fail(f"{key_of} does not come to {part}; active: {active()!r}")


def with_the_keyboard(folder):
    app = start("--data-dir", folder)
    until("the first screen offers the demo", lambda: named("데모 시작"))
    tab_to("데모 시작")
    key("space")
    until("Tab and the space bar: the demo runs", lambda: named("가상 시세"))
    until("with its list", lambda: named("삼성전자 005930", "table row"))
    key("slash")
    letters(CODE)
    until("/: what is typed is found", lambda: named(CODE, "list item") or named(CODE))
    key("Return", "Escape")
    until("Enter: it is watched", lambda: named(CODE, "table row"))
    home()
    key("Down", "Return")
    title = until("arrows and Enter: its window comes", lambda: next((t for t in windows() if "005930" in t), None))
    has_the_keys(title)
    key("ctrl+w")
    until("Ctrl+W: it is closed", lambda: title not in windows())
    home()
    rules = int(re.search(r"조건 (\d+)개", until("rules are counted", lambda: named("개 감시 중")).get_name())[1])
    key("ctrl+r")
    has_the_keys("조건")
    key("ctrl+n")
    time.sleep(0.3)
    key("ctrl+s")
    until("Ctrl+N and Ctrl+S: one rule more is watched", lambda: named(f"조건 {rules + 1}개 감시 중"))
    key("ctrl+w")
    until("Ctrl+W: the rules are closed", lambda: "조건" not in windows())
    until("a signal rings", lambda: named("왜 울렸나"), 90)
    home()
    tab_to("왜 울렸나")
    key("space")
    until("its card says why", lambda: named("차트에서 이 봉 보기"))
    tab_to("차트에서 이 봉 보기")
    key("space")
    # Another signal may have its turn just then.
    title = until("from there to its candle", lambda: next((t for t in [active()] if re.search(r" \w{6}$", t)), None))
    time.sleep(1.5)
    home()
    key("ctrl+comma")
    until("Ctrl+comma: the settings", lambda: named("설정 닫기"))
    tab_to("밝게", "shift+Tab")
    key("space")
    until("another look is chosen", lambda: exactly("밝게").get_state_set().contains(Atspi.StateType.CHECKED))
    key("Escape", "Escape")
    until("Esc: they are closed", lambda: not named("설정 닫기"))
    key("F1")
    until("F1: every key is told", lambda: named("Ctrl+1 … Ctrl+9"))
    key("Escape")
    until("Esc: and put away", lambda: not named("Ctrl+1 … Ctrl+9"))
    home()
    key("alt+F4")
    ended(app)


# The tree.

def act(node_or_part, whole=False):
    """Uses a node, or the first that has a name with this part in it, or this whole name."""
    node = node_or_part
    if isinstance(node, str):
        node = until(f"{node_or_part} is there", lambda: (exactly if whole else named)(node_or_part))
    action = node.get_action_iface()
    if not action or not action.get_n_actions():
        fail(f"nothing can be done with {node.get_name()!r}")
    action.do_action(0)
    time.sleep(0.4)


def all_named(place):
    roles = {}
    for name, role, node in nodes():
        if role not in CONTROLS:
            continue
        text = name
        if not text.strip():
            try:
                text = Atspi.Text.get_text(node.get_text_iface(), 0, -1)
            except Exception:
                text = ""
        roles[role] = roles.get(role, 0) + 1
        if not text.strip():
            fail(f"{place}: a {role} has no name")
    if sum(roles.values()) < 5:
        fail(f"{place}: {roles}")
    print(f"walk: {place}: every control has a name: {roles}", flush=True)


def changes(part, role=None):
    """What is said of it changes while it is listened to."""
    first = until(f"{part} is said", lambda: named(part, role)).get_name()
    until(f"and said anew when it changes: {first[:60]!r}…", lambda: (named(part, role) or named(part)).get_name() != first, 30)


def with_the_tree(folder):
    app = start("--embed-windows", "--data-dir", folder)
    until("the first screen offers the demo", lambda: named("데모 시작"))
    all_named("first screen")
    act("데모 시작")
    until("the demo runs", lambda: named("삼성전자 005930", "table row"))
    all_named("home")
    changes("삼성전자 005930", "table row")
    field = until("the search field has a name", lambda: exactly("종목 검색"))
    field.get_component_iface().grab_focus()
    # A screen reader leaves typing to the keyboard.
    until("it takes the focus", lambda: focused() == "종목 검색")
    letters(CODE)
    act(until("what is found can be chosen", lambda: next(
        (node for name, role, node in nodes() if CODE in name and role not in ("table row", "entry", "text")), None)))
    until("it is watched", lambda: named(CODE, "table row"))
    act(until("its row", lambda: named("삼성전자 005930", "table row")))
    until("its window is read: chart", lambda: named("캔들 차트"))
    until("order book", lambda: named("매도 1호가"))
    until("executions", lambda: named("체결강도"))
    all_named("stock")
    changes("매수 1호가")
    act("주봉")
    until("another timeframe", lambda: exactly("주봉").get_state_set().contains(Atspi.StateType.CHECKED))
    act("봉을 표로 보기")
    until("the bars as a table", lambda: named("형성 중"))
    act("창 닫기")
    until("closed", lambda: not named("창 닫기"))
    act("조건 (Ctrl+R)")
    act(until("the usual rules have a menu", lambda: exactly("자주 쓰는 조건")))
    act(until("the usual rules", lambda: exactly("골든크로스 20/60")))
    all_named("rules")
    act(until("can be saved", lambda: exactly("저장")))
    until("and is in the list", lambda: named("골든크로스 20/60", "list item") or named("감시 중"))
    act("창 닫기", whole=True)
    until("and closed", lambda: not exactly("자주 쓰는 조건"))
    act(until("a signal rings", lambda: named("왜 울렸나"), 90))
    until("its card says why", lambda: named("차트에서 이 봉 보기"))
    all_named("signal card")
    act("차트에서 이 봉 보기")
    until("from there to its candle", lambda: named("화살표"))
    act("창 닫기")
    act("설정 (Ctrl+,)")
    for section in ("봉·평균", "API 키", "한도", "알림", "시스템", "정보", "화면"):
        act(until(f"settings: {section}", lambda: exactly(section)))
        all_named(section)
    act("고대비", whole=True)
    until("another look is chosen", lambda: exactly("고대비").get_state_set().contains(Atspi.StateType.CHECKED))
    act("설정 닫기")
    act("창 올리기 끄기")
    until("muted", lambda: named("창 올리기 켜기"))
    # The window's own button belongs to the window manager, which has a tree of its own.
    subprocess.run(["wmctrl", "-c", "정배"], check=True)
    ended(app)


def with_a_wrong_file(folder):
    file = f"{folder}.toml"

    def written(text):
        with open(file, "w", encoding="utf-8") as config:
            config.write(text)

    written('[kis]\nmarket = "Z"\n')
    app = start("--config", file, "--data-dir", folder)
    until("the sentence names line and key", lambda: named("2번째 줄 kis.market"))
    until("the file's path is there", lambda: exactly(file))
    written('[screen]\nlanguage = "en"\n[kis]\nmarket = "Y"\n')
    act("다시 시도", whole=True)
    until("still wrong, in the language it names now", lambda: named("line 4, kis.market"))
    written('[screen]\nlanguage = "en"\n')
    # Who starts it once more wants the same.
    again = start("--config", file, "--data-dir", folder)
    ended(again)
    until("mended: the first screen", lambda: named("Start the demo"))
    subprocess.run(["wmctrl", "-c", "Jeongbae"], check=True)
    ended(app)
    written("[[rule")
    app = start("--config", file, "--data-dir", folder)
    act(until("no TOML", lambda: exactly("종료")))
    ended(app, 2)


walks = {"keyboard": with_the_keyboard, "tree": with_the_tree, "wrong": with_a_wrong_file}
for name, walk in walks.items():
    if name in (sys.argv[2:] or walks):
        with tempfile.TemporaryDirectory() as scratch:
            walk(os.path.join(scratch, "data"))
        print(f"walk: passed: {name}", flush=True)
