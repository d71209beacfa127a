"""A text field of GTK's in a process of its own: gtk_field.py TITLE TEXT.

Run by the system's Python, which has GTK; the caret stands behind the text.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # noqa: E402

window = Gtk.Window(title=sys.argv[1])
view = Gtk.TextView()
view.get_buffer().set_text(sys.argv[2])
window.add(view)
window.connect("destroy", Gtk.main_quit)
window.set_default_size(600, 120)
window.show_all()
Gtk.main()
