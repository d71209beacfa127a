"""The guard refuses network sockets in real processes, from their first import on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mica import network_guard, paths
from mica.program import own_command

#: Guards its own process, then tries something; prints what came of it.
TRIAL = """
import os, socket, sys, threading
from mica import network_guard
network_guard.install(sys.argv[1:2])
local = socket.socket(socket.AF_UNIX)
def attempt():
    {}
try:
    attempt()
except OSError as why:
    found = getattr(why, "reason", why)  # of urllib's
    print("refused" if isinstance(found, PermissionError) else why)
else:
    print("done")
"""
CREATED = "socket.socket({})"
REFUSED = {
    "TCP": "socket.socket(socket.AF_INET)",
    "TCP by default": "socket.socket()",
    "TCP below socket.py": "import _socket; _socket.socket()",
    "UDP over IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "raw": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "packets": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "Bluetooth": "socket.socket(getattr(socket, 'AF_BLUETOOTH', 31))",
    "a virtual machine": "socket.socket(getattr(socket, 'AF_VSOCK', 40))",
    "a connection": "socket.create_connection(('127.0.0.1', 9))",
    "a server": "socket.create_server(('127.0.0.1', 0))",
    "a name": "socket.getaddrinfo('localhost', 80)",
    "a name, the old way": "socket.gethostbyname('localhost')",
    "an address": "socket.gethostbyaddr('127.0.0.1')",
    "a name of an address": "socket.getnameinfo(('127.0.0.1', 80), 0)",
    "HTTP": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
    "another thread": """
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pool.submit(socket.socket, socket.AF_INET).result()
""",
}
ALLOWED = {
    "a local socket": "socket.socket(socket.AF_UNIX).close()",
    "a pair": "[one.close() for one in socket.socketpair()]",
    "this machine's name": "socket.gethostname()",
}
LOCAL = {
    "a local connection": "local.connect(sys.argv[2])",
    "a local server": "local.bind(sys.argv[2] + '.new')",
}


def tried(what: str, role: str = "", *, address: Path | None = None) -> str:
    """What came of it in a new process: "refused" or "done"."""
    command = [sys.executable, "-c", TRIAL.format(what), role, str(address)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.strip()


def log() -> list[str]:
    file = paths.network_log()
    return file.read_text("utf-8").splitlines() if file.exists() else []


@pytest.mark.parametrize("what", REFUSED.values(), ids=REFUSED)
def test_sockets_that_reach_other_machines_are_refused(what: str) -> None:
    assert tried(what) == "refused"
    assert len(log()) == 1


@pytest.mark.parametrize("what", ALLOWED.values(), ids=ALLOWED)
@pytest.mark.parametrize("role", ["", "--engine", "--decode"])
def test_what_stays_in_this_machine_is_allowed(what: str, role: str) -> None:
    assert tried(what, role) == "done"
    assert log() == []


@pytest.mark.parametrize("what", LOCAL.values(), ids=LOCAL)
@pytest.mark.parametrize(
    ("role", "result"),
    [("", "done"), ("--engine", "refused"), ("--decode", "refused")],
)
def test_the_engine_and_the_decoder_may_use_no_local_servers(
    what: str, role: str, result: str, tmp_path: Path
) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "server"))
        server.listen()
        assert tried(what, role, address=tmp_path / "server") == result


def test_a_refusal_is_logged_without_its_address() -> None:
    secret = "secret.example"
    what = f"import urllib.request; urllib.request.urlopen('http://{secret}/said')"
    assert tried(what, "--engine") == "refused"
    [line] = log()
    assert line.split(" ", 1)[1] == "refused engine socket.getaddrinfo http.client"
    assert secret not in line and "said" not in line


def test_a_process_for_downloads_is_not_guarded() -> None:
    (download,) = network_guard.DOWNLOADS
    assert tried("socket.socket(socket.AF_INET).close()", download) == "done"
    done = subprocess.run(own_command(download), capture_output=True, text=True)
    assert done.returncode == 2 and "No such option" in done.stderr, "none exists yet"


#: Tries a network socket as soon as a module is imported; see sitecustomize in site(3).
SPY = """
import sys
class Spy:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            import socket
            try:
                socket.socket(socket.AF_INET).close()
            except PermissionError:
                print("refused before", name, file=sys.stderr)
            else:
                print("open before", name, file=sys.stderr)
sys.meta_path.insert(0, Spy())
"""


@pytest.mark.parametrize(
    ("words", "module"),
    [
        (["--engine"], "mica.engine.worker"),
        (["--decode", "9", ".wav", "name", "0"], "mica.audio.decoding"),
        (["--self-test"], "mica.cli.self_test"),
        (["--module", "mica.bench.none", "{}"], "mica.bench.child"),
        (["doctor", "--help"], "mica.cli.main"),
        ([], "mica.start"),
    ],
)
def test_each_process_is_guarded_before_its_own_code_is_imported(
    tmp_path: Path, words: list[str], module: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SPY.format(module=module))
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "DISPLAY": ":none",
        "QT_QPA_PLATFORM": "minimal",
    }
    with subprocess.Popen(
        own_command(*words),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            assert process.stderr.readline() == f"refused before {module}\n"
        finally:
            process.kill()


def test_guard_reports_whether_it_works() -> None:
    assert not network_guard.is_installed()
    code = TRIAL.format("print(network_guard.is_installed())")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "True\ndone\n" and log() == [], "trying it is no attempt"


def test_native_sockets_are_found_and_counted_once() -> None:
    """Opened by libc itself, as a sound server's library would."""
    counted = network_guard.NetworkLog()
    code = """
import ctypes, socket, sys
from mica import network_guard
network_guard.install([])
libc = ctypes.CDLL(None)
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_INET):
    assert libc.socket(int(family), int(socket.SOCK_STREAM), 0) >= 0
    network_guard.look()
    network_guard.look()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    use = counted.use()
    assert (use.connections, use.refused) == (3, 0)
    assert network_guard.NetworkLog().use().connections == 0, "counted from its start"


def test_inspection_leaves_sockets_unchanged() -> None:
    import socket

    near, far = socket.socketpair()
    with near, far:
        network_guard.look()
        near.sendall(b"said")
        assert far.recv(9) == b"said"


def test_the_log_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_guard, "_MAX_LOG_BYTES", 1000)
    counted = network_guard.NetworkLog()
    for _ in range(100):
        network_guard._record("refused", "socket.connect library")
    assert paths.network_log().stat().st_size < 1100
    assert counted.use().refused > 0


def test_a_log_that_cannot_be_written_still_refuses() -> None:
    paths.network_log().mkdir(parents=True)
    assert tried(REFUSED["TCP"]) == "refused"
    assert network_guard.NetworkLog().use().refused == 0
