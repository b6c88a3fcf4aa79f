"""Stands in for the build system of ale-py's source distribution while pip downloads it.

`pip download` asks every source distribution for its metadata through its build system, and would fetch and start that whole
system (and jax) for it. The metadata lies in the archive already: this hands it over, and nothing is built.
"""

import email
import pathlib
import shutil


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    source = pathlib.Path("PKG-INFO")
    fields = email.message_from_string(source.read_text(encoding="utf-8"))
    folder = pathlib.Path(metadata_directory, f"{fields['Name'].replace('-', '_')}-{fields['Version']}.dist-info")
    folder.mkdir()
    shutil.copy(source, folder / "METADATA")
    return folder.name
