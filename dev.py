#!/usr/bin/env python3
"""The one command of Provost. It needs nothing but Python.

python3 dev.py up [--port 8000]
    Set up what is missing, start the web server, the cluster and the sandbox portal,
    and print the address and the logins. Ctrl-C stops everything.

python3 dev.py test [--db sqlite|postgres] [--all] [pytest arguments]
    Run the tests, on SQLite unless told otherwise. With --all: on SQLite and on PostgreSQL,
    with everything the suite needs installed first, and no test skipped.

python3 dev.py COMMAND [arguments]
    Run manage.py COMMAND in Provost's environment: demo_journey, createsuperuser, help, ...
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import ctypes
import glob
import hashlib
import http.client
import importlib.util
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PACKAGES, TEST_PACKAGES = ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt"
SETTINGS, SETTINGS_EXAMPLE = ROOT / ".env", ROOT / ".env.example"

SUPPORTED = ("3.13", "3.12", "3.11")
PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
TEST_LIBRARIES = {**PDF_LIBRARIES, "libatomic.so.1": "libatomic1"}  # the last one is for Playwright's driver
TEST_PROGRAMS = {
    "initdb": "postgresql",
    "chromium": "chromium",
    "pdftoppm": "poppler-utils",
    "javac": "default-jdk-headless",
    "systemd-analyze": "systemd",
    "node": "nodejs",
}
TEST_FILES = {
    "/usr/share/java/jaxb-api.jar": "libjaxb-java",  # without it veraPDF does not start
    "/usr/share/nodejs/jose/package.json": "node-jose",  # which checks what we sign
}
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
POSTGRES_PROGRAMS = "/usr/lib/postgresql/*/bin"

WEB_PORT, PORTAL_PORT = 8000, 8090
GRACE = 10  # seconds between the polite and the forced end of a process
# Tests of real processes in real time mostly wait: two of them share the machine, and no other runs beside them.
SIDE_BY_SIDE = ["-n", "2", "--dist", "worksteal"]
TOGETHER, ALONE = ["-m", "not alone", *SIDE_BY_SIDE], ["-m", "alone", *SIDE_BY_SIDE]
# A test has pytest-timeout; this is for what no signal interrupts, such as a wait inside a C library.
LAST_RESORT = ["-o", "faulthandler_timeout=600", "-o", "faulthandler_exit_on_timeout=true", "--durations=10"]
NO_TESTS = 5  # pytest's status when nothing was selected
PATIENCE = 60  # seconds until the web server must be ready

# What a caller's shell may hold and what would lead our Python, pip, pytest or gunicorn astray.
ASTRAY = re.compile(r"PYTHON|PYTEST_|GUNICORN_|DJANGO_SETTINGS_MODULE$|PIP_(TARGET|PREFIX|ROOT|PYTHON|CONSTRAINT)$")
RUN = secrets.token_hex(8)  # in the environment of every process we start, and so of all that they start


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments ask for and return the exit status."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" not in SUPPORTED:
        python = find_python()
        os.execve(python, [python, str(ROOT / "dev.py"), *arguments], environment())
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(__doc__)
        return 0
    commands = {"up": up, "test": test}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born without it
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    try:
        return commands[arguments[0]](arguments[1:]) if arguments[0] in commands else manage(arguments)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except subprocess.CalledProcessError as error:
        say(f"This failed with status {error.returncode}: {' '.join(error.cmd)}")
        return 1
    finally:
        end_family()


def leave(number: int, frame: object) -> None:
    """Turn a signal into an orderly way out."""
    sys.exit(128 + number)


def say(text: str) -> None:
    """Print a line of our own, told apart from what the programs print."""
    print(f"\033[1m==> {text}\033[0m" if sys.stdout.isatty() else f"==> {text}", flush=True)


# --- The commands -------------------------------------------------------------------------------------------------


def up(arguments: Sequence[str]) -> int:
    """Set up, start everything, print address and logins, and stay until a signal or until a part ends."""
    parser = argparse.ArgumentParser(prog="dev.py up", allow_abbrev=False)
    parser.add_argument("--port", type=int, default=WEB_PORT, help="port of the web server (%(default)s)")
    port = parser.parse_args(arguments).port
    refuse_taken(port, "Choose another one: python3 dev.py up --port 8001")
    refuse_taken(PORTAL_PORT, "The sandbox portal needs it. Stop what uses it.")
    set_up()
    offer_pdf()
    say("Bringing the database up to date")
    run(PYTHON, "manage.py", "migrate", "--verbosity", "0")
    for secret in ("make_seal", "make_certificate_key"):
        run(PYTHON, "manage.py", secret, stdout=subprocess.DEVNULL)
    logins = run(PYTHON, "manage.py", "load_demo", "--skip-checks", stdout=subprocess.PIPE).stdout
    processes = start_all(port)
    wait_until_ready(port, processes)
    say(f"Provost is ready at http://127.0.0.1:{port}/\n\n{logins.strip()}\n\nCtrl-C stops everything.")
    with contextlib.suppress(KeyboardInterrupt):
        while not ended(processes):
            time.sleep(0.5)
        return 1
    return 0


def test(arguments: Sequence[str]) -> int:
    """Run the tests on the databases asked for; return 0 only if all of them passed."""
    parser = argparse.ArgumentParser(prog="dev.py test", allow_abbrev=False)
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite", help="the database (%(default)s)")
    parser.add_argument("--all", action="store_true", help="both databases, nothing skipped; installs what is missing")
    options, for_pytest = parser.parse_known_args(arguments)
    create_environment(TEST_PACKAGES)
    if options.all:
        require_packages(missing_libraries(TEST_LIBRARIES) + missing_programs())
    databases = ["sqlite", "postgres"] if options.all else [options.db]
    statuses = [code for database in databases for code in test_on(database, for_pytest, no_skips=options.all)]
    return max([code for code in statuses if code != NO_TESTS], default=NO_TESTS)


def manage(arguments: Sequence[str]) -> int:
    """Become manage.py with these arguments, inside the environment."""
    set_up()
    os.execve(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *arguments], environment())


# --- Setting up ---------------------------------------------------------------------------------------------------


def set_up() -> None:
    """Make sure of everything that a command of Provost needs."""
    create_environment(PACKAGES)
    write_settings()


def find_python() -> str:
    """Return a Python that Provost supports; leave with advice if there is none."""
    for name in [str(PYTHON), *(f"python{version}" for version in SUPPORTED)]:
        path = shutil.which(name)
        if path and works(path):  # a version manager's shim may be there without its Python
            return path
    sys.exit("Provost needs Python 3.11, 3.12 or 3.13. On Debian and Ubuntu: sudo apt-get install python3 python3-venv")


def works(python: str | Path, module: str = "sys") -> bool:
    """Return whether this Python is there, is supported, and can import the module."""
    question = f"import sys, {module}; sys.exit('%d.%d' % sys.version_info[:2] not in {SUPPORTED})"
    with contextlib.suppress(OSError):
        return not subprocess.call([str(python), "-c", question], env=environment(), stderr=subprocess.DEVNULL)
    return False


def create_environment(packages: Path) -> None:
    """Create .venv unless a working one is there, and install the locked packages into it unless they are."""
    if not works(PYTHON, "pip"):
        if importlib.util.find_spec("ensurepip") is None:
            require_packages([f"python3.{sys.version_info.minor}-venv"])
        say("Creating .venv")
        run(sys.executable, "-m", "venv", "--clear", VENV)
    stamp = VENV / "installed"
    if digest(packages) not in (stamp.read_text() if stamp.exists() else ""):
        say(f"Installing the packages of {packages.relative_to(ROOT)}")
        run(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", packages)
        # The lock of the tests contains the other one at the same versions.
        stamp.write_text(f"{digest(packages)}\n{digest(PACKAGES)}\n")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_settings() -> None:
    """Write .env, readable by its owner alone, with fresh secrets; leave one that is there untouched."""
    if SETTINGS.exists():
        return
    say("Writing .env with fresh secrets")
    text = SETTINGS_EXAMPLE.read_text(encoding="utf-8")
    for name, value in fresh_settings().items():
        text = re.sub(rf"^(# )?{name}=$", f"{name}={value}", text, count=1, flags=re.MULTILINE)
    with open(SETTINGS, "x", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(text)


def fresh_settings() -> dict[str, str]:
    """Return what a new installation needs for itself and for the sandbox portal beside it."""
    shared = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": f"first={base64.b64encode(secrets.token_bytes(32)).decode()}",
        "SEAL_PASSWORD": secrets.token_urlsafe(32),
        "OUTBOUND_PRIVATE_HOSTS": f"127.0.0.1:{PORTAL_PORT}",
        "PORTAL_SECRETS": f"sandbox=whsec_{shared}",
    }


def offer_pdf() -> None:
    """Install the libraries that make PDF files, or say how, and go on without."""
    missing = missing_libraries(PDF_LIBRARIES)
    if missing and not install_packages(missing):
        say(f"PDF files cannot be made until you run: {advice(missing)}\n    Everything else works.")


# --- Debian's packages --------------------------------------------------------------------------------------------


def missing_libraries(wanted: Mapping[str, str]) -> list[str]:
    """Return the Debian packages of those shared libraries that cannot be loaded."""
    return [package for library, package in wanted.items() if not loads(library)]


def loads(library: str) -> bool:
    """Return whether the system has this shared library."""
    with contextlib.suppress(OSError):
        return bool(ctypes.CDLL(library))
    return False


def missing_programs() -> list[str]:
    """Return the Debian packages of the programs that the full test suite needs and does not find."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *glob.glob(POSTGRES_PROGRAMS)])
    missing = [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program, path=path)]
    return missing + [package for file, package in TEST_FILES.items() if not os.path.exists(file)]


def require_packages(packages: list[str]) -> None:
    """Install Debian packages; leave with the line to type if we may not."""
    if packages and not install_packages(packages):
        sys.exit(f"This needs packages of the system. Run: {advice(packages)}")


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages and return whether that was possible: it takes root and apt-get."""
    if os.geteuid() or not shutil.which("apt-get", path=SYSTEM_PATH):
        return False
    say(f"Installing {' '.join(packages)}")
    variables = environment(DEBIAN_FRONTEND="noninteractive", PATH=SYSTEM_PATH)
    apt = partial(subprocess.call, env=variables, stdout=subprocess.DEVNULL)
    apt(["apt-get", "update", "-qq"])  # without a network, what is in the cache may do
    return not apt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])


def advice(packages: list[str]) -> str:
    """Return the line that installs Debian packages."""
    return f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


# --- Processes ----------------------------------------------------------------------------------------------------


def environment(**more: str) -> dict[str, str]:
    """Return the variables of our processes: the caller's without those that lead astray, ours, and more."""
    kept = {name: value for name, value in os.environ.items() if not ASTRAY.match(name)}
    if not kept.get("HOME"):
        kept.pop("HOME", None)  # then programs ask the system
    kept["PATH"] = f"{VENV / 'bin'}{os.pathsep}{kept.get('PATH') or os.defpath}"
    ours = {"PROVOST_RUN": RUN, "VIRTUAL_ENV": str(VENV), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "PIP_USER": "0"}
    return {**kept, **ours, **more}


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in the project until it ends; raise CalledProcessError if it fails."""
    return subprocess.run(list(map(str, command)), cwd=ROOT, check=True, env=environment(), text=True, **options)


def start_all(port: int) -> dict[str, subprocess.Popen[str]]:
    """Start web server, cluster and sandbox portal, and return them by name."""
    callback = f"http://127.0.0.1:{port}/callbacks/sandbox/"
    variables = environment(**({} if port == WEB_PORT else {"BASE_URL": f"http://127.0.0.1:{port}"}))
    commands = {
        "web": [
            "-m",
            "gunicorn",
            "config.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--threads",
            "8",
            "--no-control-socket",
        ],
        "cluster": ["manage.py", "autopilot"],
        "portal": ["manage.py", "sandbox_portal", "--port", str(PORTAL_PORT), "--callback-url", callback],
    }
    return {name: start(name, command, variables) for name, command in commands.items()}


def start(name: str, command: list[str], variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a Python process that ends with us and whose lines appear in our log under its name."""
    process = subprocess.Popen(
        [str(PYTHON), *command],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # Ctrl-C is for us alone; we tell the others in order
        preexec_fn=die_with_parent,
    )
    assert process.stdout is not None
    threading.Thread(target=copy_lines, args=(name, process.stdout), daemon=True).start()
    return process


def die_with_parent() -> None:
    """Ask Linux to send this process SIGTERM if dev.py is killed before it can."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def copy_lines(name: str, lines: IO[str]) -> None:
    """Print the lines of a process with its name in front."""
    for line in lines:
        print(f"{name:<7} | {line.rstrip()}", flush=True)


def wait_until_ready(port: int, processes: Mapping[str, subprocess.Popen[str]]) -> None:
    """Return when /readyz answers 200; leave if a process ends before, or when patience does."""
    deadline = time.monotonic() + PATIENCE
    while not is_ready(port):
        if ended(processes) or time.monotonic() > deadline:
            sys.exit("Provost did not start; the lines above say why.")
        time.sleep(0.2)


def is_ready(port: int) -> bool:
    """Return whether the web server says that it is ready to serve."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    return False


def ended(processes: Mapping[str, subprocess.Popen[str]]) -> bool:
    """Return whether one of the processes has ended, which none should, and say which."""
    codes = {name: process.poll() for name, process in processes.items()}
    for name, code in codes.items():
        if code is not None:
            say(f"The {name} ended with status {code}.")
    return any(code is not None for code in codes.values())


def end_family() -> None:
    """End every process we started, with all their children: a word to our own, force for the rest ten seconds later."""
    try:
        tell(family(children_only=True), signal.SIGTERM)
        wait_for_family()
    finally:
        tell(family(), signal.SIGKILL)
        wait_for_family()


def tell(processes: list[int], number: int) -> None:
    """Send a signal to those of the processes that are still there."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def wait_for_family() -> None:
    """Return when none of our processes is left, or when the grace is over."""
    deadline = time.monotonic() + GRACE
    while family() and time.monotonic() < deadline:
        time.sleep(0.1)


def family(children_only: bool = False) -> list[int]:
    """Return the living processes that carry our mark, wherever in the tree they are now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is another user's
            parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
            if f"PROVOST_RUN={RUN}".encode() in (folder / "environ").read_bytes() and not (
                children_only and parent != os.getpid()
            ):
                found.append(int(folder.name))
    return found


def refuse_taken(port: int, hint: str) -> None:
    """Leave with the hint if something already listens on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            sys.exit(f"Port {port} cannot be used ({error}). {hint}")


# --- Testing ------------------------------------------------------------------------------------------------------


def test_on(database: str, for_pytest: list[str], *, no_skips: bool) -> list[int]:
    """Run the tests on one database and return the exit status of each run of pytest."""
    say(f"Testing on {database}")
    with throwaway_postgres() if database == "postgres" else contextlib.nullcontext("") as url:
        variables = test_environment(DATABASE_URL=url, PROVOST_NO_SKIPS=str(int(no_skips)))
        runs = [for_pytest] if for_pytest else [[*TOGETHER, *LAST_RESORT], [*ALONE, *LAST_RESORT]]
        return [subprocess.call([PYTHON, "-m", "pytest", *words], cwd=ROOT, env=variables) for words in runs]


def test_environment(**more: str) -> dict[str, str]:
    """Return the variables for the tests: free of the caller's settings of Provost and of PostgreSQL."""
    settings = re.findall(r"^(?:# )?([A-Z_]+)=", SETTINGS_EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    variables = {name: value for name, value in environment().items() if not name.startswith("PG")}
    for name in settings:
        variables.pop(name, None)
    return variables | {name: value for name, value in more.items() if value}


@contextlib.contextmanager
def throwaway_postgres() -> Iterator[str]:
    """Run a PostgreSQL of our own as an ordinary user, give its URL, and stop and remove it whatever happens."""
    found = sorted(glob.glob(POSTGRES_PROGRAMS), key=lambda path: int(path.split("/")[-2]))
    if not found:
        sys.exit(f"PostgreSQL is not installed. Run: {advice(['postgresql'])}")
    home = Path(tempfile.mkdtemp(prefix="provost-postgres-"))
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to be run by root
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(home, "postgres", "postgres")

    def server(program: str, *arguments: str) -> None:
        command = [f"{found[-1]}/{program}", "-D", f"{home}/data", *arguments]
        subprocess.run(command, cwd=home, env=test_environment(), check=True, stdout=subprocess.DEVNULL, **owner)

    try:
        port = free_port()
        server("initdb", "-U", "provost", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        flags = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
        server("pg_ctl", "-w", "-l", f"{home}/log", "-o", flags, "start")
        yield f"postgres://provost@127.0.0.1:{port}/postgres"
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):  # it may never have started
            server("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(home)


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
