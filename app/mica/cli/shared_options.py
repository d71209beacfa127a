"""Options that several commands take."""

import click

from mica.events import Style

model_option = click.option(
    "--model", help="Model to use: a name from `mica models list`, or a folder."
)
style_option = click.option(
    "--style",
    type=click.Choice([style.value for style in Style]),
    help="Write punctuated text, or plain lowercase words (raw).",
)
overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace files that already exist."
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
