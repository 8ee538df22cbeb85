"""Where the embedded Redis-compatible server listens, and what it is told."""

import os
from pathlib import Path

import pytest

from lapor import embedded


def test_the_socket_lies_in_the_data_folder(tmp_path):
    short = Path("/srv/lapor")
    assert embedded.socket_path(short) == short / "valkey" / "valkey.sock"


@pytest.mark.parametrize("name", ["d" * 120, "é" * 60])
def test_a_long_path_is_replaced_by_a_short_one_that_is_always_the_same(name):
    path = embedded.socket_path(Path("/srv") / name)
    assert len(os.fsencode(path)) <= embedded.MAX_SOCKET_PATH_BYTES
    assert path == embedded.socket_path(Path("/srv") / name)
    assert path != embedded.socket_path(Path("/srv") / (name + "x"))


def test_the_server_listens_on_its_socket_alone_and_keeps_its_queue(tmp_path):
    command = embedded.server_command(Path("valkey-server"), tmp_path)
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--unixsocket"] == str(embedded.socket_path(tmp_path))
    assert options["--unixsocketperm"] == "700"
    assert options["--appendonly"] == "yes"
    assert (tmp_path / "valkey").is_dir()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    (tmp_path / "valkey").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(PermissionError, match="another user"):
        embedded.server_command(Path("valkey-server"), tmp_path)
