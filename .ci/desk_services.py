"""Services of a desktop on the session bus, as desk_test.py needs them: the place for tray icons
(StatusNotifierWatcher, with what a panel does with an item's menu) and the one that keeps a machine
awake (PowerManagement.Inhibit). Written from the services' specifications; nothing of the program
is in here. Notifications are shown by a real service, dunst.
"""
import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402 (the version must be named first)

WATCHER = """<node><interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  <signal name="StatusNotifierHostRegistered"/>
</interface></node>"""

INHIBIT = """<node><interface name="org.freedesktop.PowerManagement.Inhibit">
  <method name="Inhibit">
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="UnInhibit"><arg type="u" direction="in"/></method>
  <method name="HasInhibit"><arg type="b" direction="out"/></method>
</interface></node>"""


def turn(seconds=0.1):
    """Lets the services answer for a while."""
    loop = GLib.MainLoop()
    GLib.timeout_add(int(seconds * 1000), loop.quit)
    loop.run()


class Desktop:
    """Owns the names and remembers who came."""

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.items, self.awake, self.cookie = [], {}, 0
        self._serve("/StatusNotifierWatcher", WATCHER, self._watcher, self._watcher_property)
        self._serve("/org/freedesktop/PowerManagement/Inhibit", INHIBIT, self._inhibit, None)
        for name in ("org.kde.StatusNotifierWatcher", "org.freedesktop.PowerManagement.Inhibit"):
            Gio.bus_own_name_on_connection(self.bus, name, Gio.BusNameOwnerFlags.NONE, None, None)
        # A grant ends with the connection it was asked on, as the specification has it.
        self.bus.signal_subscribe("org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", None, None,
                                  Gio.DBusSignalFlags.NONE, self._left)
        turn()

    def _serve(self, path, text, method, get):
        interface = Gio.DBusNodeInfo.new_for_xml(text).interfaces[0]
        self.bus.register_object(path, interface, method, get, None)

    def _watcher(self, bus, sender, path, interface, method, arguments, call):
        if method == "RegisterStatusNotifierItem":
            named = arguments.unpack()[0]
            # Either the service's name, or a path on the caller's own connection.
            item = (sender, named) if named.startswith("/") else (named, "/StatusNotifierItem")
            self.items.append(item)
            bus.emit_signal(None, path, interface, "StatusNotifierItemRegistered", GLib.Variant("(s)", item[:1]))
        call.return_value(None)

    def _watcher_property(self, _bus, _sender, _path, _interface, name):
        return {"RegisteredStatusNotifierItems": GLib.Variant("as", [name for name, _ in self.items]),
                "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
                "ProtocolVersion": GLib.Variant("i", 0)}[name]

    def _inhibit(self, _bus, sender, _path, _interface, method, arguments, call):
        if method == "Inhibit":
            self.cookie += 1
            self.awake[self.cookie] = (sender, *arguments.unpack())
            call.return_value(GLib.Variant("(u)", (self.cookie,)))
        elif method == "UnInhibit":
            self.awake.pop(arguments.unpack()[0], None)
            call.return_value(None)
        else:
            call.return_value(GLib.Variant("(b)", (bool(self.awake),)))

    def _left(self, _bus, _sender, _path, _interface, _signal, arguments):
        name, _, new = arguments.unpack()
        if not new:
            self.awake = {cookie: grant for cookie, grant in self.awake.items() if grant[0] != name}
            self.items = [item for item in self.items if item[0] != name]

    def _call(self, name, path, interface, method, arguments, reply):
        answer = self.bus.call_sync(name, path, interface, method, arguments, GLib.VariantType(reply),
                                    Gio.DBusCallFlags.NONE, 5000, None)
        return answer.unpack()

    def of_item(self, what):
        """A property of the newest item."""
        return self._call(*self.items[-1], "org.freedesktop.DBus.Properties", "Get",
                          GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", what)), "(v)")[0]

    def menu(self):
        """The entries of the newest item's menu by their labels: number and properties."""
        name, path = self.items[-1][0], self.of_item("Menu")
        _, (_, _, entries) = self._call(name, path, "com.canonical.dbusmenu", "GetLayout",
                                        GLib.Variant("(iias)", (0, -1, [])), "(u(ia{sv}av))")
        return {entry[1]["label"]: (entry[0], entry[1]) for entry in entries if "label" in entry[1]}

    def choose(self, label):
        """What a click on a menu's entry does."""
        number, _ = self.menu()[label]
        self._call(self.items[-1][0], self.of_item("Menu"), "com.canonical.dbusmenu", "Event",
                   GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("i", 0), 0)), "()")
