#!/usr/bin/env python3
"""Does what systemd does with the unit of the Debian package, where systemd does not run.

    unit.py UNIT [--strace FILE]

Starts ExecStart as a user of its own with the unit's state directory, waits for READY=1 and signs of
life, opens a session on it with the terminal client, and ends it as systemd does. With --strace every system call, socket
family and mapping of that life is compared with what the unit allows.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

# The first of the users that systemd gives to services with DynamicUser.
USER = 61184
# For a slow machine, in seconds.
PATIENCE = 60


def settings(path):
    """All values of each key, in order."""
    found = {}
    for line in open(path, encoding="utf-8"):
        key, equals, value = line.strip().partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def group(name):
    """The system calls of one of systemd's groups."""
    text = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True
    ).stdout
    names = set()
    for word in text.split("\n")[1:]:
        word = word.strip()
        if word.startswith("@"):
            names |= group(word)
        elif word and not word.startswith("#"):
            names.add(word)
    return names


def allowed(unit):
    """The system calls that SystemCallFilter leaves."""
    calls = group("@default")
    for line in unit["SystemCallFilter"]:
        taken = line.startswith("~")
        for name in line.lstrip("~").split():
            names = group(name) if name.startswith("@") else {name}
            calls = calls - names if taken else calls | names
    return calls


def check_calls(unit, trace):
    """Whether the relay did only what the unit allows."""
    calls, families, writable_code = set(), set(), []
    for line in open(trace, encoding="utf-8", errors="replace"):
        found = re.match(r"(?:\d+ +)?(?:<\.\.\. )?([a-z_][a-z_0-9]*)[( ]", line)
        if not found:
            continue
        call = found.group(1)
        calls.add(call)
        if call == "socket":
            families |= set(re.findall(r"socket\((AF_[A-Z0-9]+)", line))
        if call in ("mmap", "mprotect", "pkey_mprotect") and re.search(
            r"PROT_WRITE\|PROT_EXEC", line
        ):
            writable_code.append(line)
    refused = calls - allowed(unit)
    assert not refused, f"the unit's SystemCallFilter refuses {sorted(refused)}"
    strange = families - set(unit["RestrictAddressFamilies"][0].split())
    assert not strange, f"the unit's RestrictAddressFamilies refuses {sorted(strange)}"
    assert not writable_code, f"the unit's MemoryDenyWriteExecute refuses {writable_code[0]}"
    at_work = "accept4" in calls and calls & {"fsync", "fdatasync"}
    assert at_work, f"the trace is not that of a relay at work: {sorted(calls)}"
    print(f"{len(calls)} system calls, sockets {sorted(families)}: the unit allows each")


def main():
    unit = settings(sys.argv[1])
    trace = sys.argv[3] if sys.argv[2:3] == ["--strace"] else None
    state = os.path.join("/var/lib", unit["StateDirectory"][0])
    os.makedirs(state, exist_ok=True)
    os.chmod(state, int(unit["StateDirectoryMode"][0], 8))
    for folder, _, files in os.walk(state):
        for path in [folder] + [os.path.join(folder, file) for file in files]:
            os.chown(path, USER, USER)

    run = tempfile.mkdtemp()
    os.chmod(run, 0o755)
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(os.path.join(run, "notify"))
    os.chmod(os.path.join(run, "notify"), 0o777)
    notify.settimeout(PATIENCE)
    # A quicker watchdog than the unit's, so that nobody waits for its signs.
    environment = {
        "NOTIFY_SOCKET": os.path.join(run, "notify"),
        "WATCHDOG_USEC": "2000000",
        "STATE_DIRECTORY": state,
        "PATH": "/usr/bin:/bin",
    }
    tracer = ["strace", "-f", "-o", trace] if trace else []
    if trace:
        # The watched process is not the one that this script starts.
        environment.pop("WATCHDOG_PID", None)
    command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"]
    command += ["--bounding-set=-all", "--inh-caps=-all"]
    relay = subprocess.Popen(
        command + tracer + shlex.split(unit["ExecStart"][0]),
        env=environment,
        umask=int(unit["UMask"][0], 8),
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )

    def heard(wanted):
        while (said := notify.recv(256).decode()) != wanted:
            assert relay.poll() is None, f"the relay ended before {wanted}"
        print(said)

    try:
        heard("READY=1")
        heard("WATCHDOG=1")
        heard("WATCHDOG=1")
        port = re.search(r"listening on \S+:(\d+)", relay.stdout.readline()).group(1)
        address = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE) as answer:
            assert answer.status == 200
        # The session is recorded, and outlives the relay.
        client = ["tapcue", "--relay", address, "--json", "host", "--as", "helper"]
        said = subprocess.run(
            client, input="leave\n", check=True, capture_output=True, text=True, timeout=PATIENCE
        ).stdout
        assert '"code"' in said, said
        print(f"answers at port {port}, and opened a session")
        # Under strace the relay is a child of this process's child.
        pids = subprocess.run(["pgrep", "-u", str(USER), "-x", "tapcue-server"], capture_output=True)
        for pid in pids.stdout.split():
            os.kill(int(pid), signal.SIGTERM)
        heard("STOPPING=1")
        assert relay.wait(timeout=PATIENCE) == 0, "the relay ended with an error"
    finally:
        relay.kill()
    owner = os.stat(os.path.join(state, "journal.db"))
    assert (owner.st_uid, owner.st_mode & 0o077) == (USER, 0), "others can read what is recorded"
    if trace:
        check_calls(unit, trace)


main()
