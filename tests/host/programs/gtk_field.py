"""A separate process with GTK text fields: gtk_field.py TITLE=TEXT...

Each field has its own window. Run with the system's Python, which has GTK.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # noqa: E402

for argument in sys.argv[1:]:
    title, _, text = argument.partition("=")
    window = Gtk.Window(title=title)
    view = Gtk.TextView()
    view.get_buffer().set_text(text)
    window.add(view)
    window.connect("destroy", Gtk.main_quit)
    window.set_default_size(600, 120)
    window.show_all()
Gtk.main()
