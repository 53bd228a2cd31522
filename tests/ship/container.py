#!/usr/bin/python3
"""Does what an engine does with the Dockerfile and the compose file, where no engine is: as processes.

    container.py DOCKERFILE COMPOSE CADDYFILE PROGRAM [ROOT]

COMPOSE is the file as `docker-compose config` prints it. PROGRAM stands in for that of the image; with
ROOT, the image's files, it is run with nothing else around it. Run it in a network namespace of its own.
"""

import json
import os
import shutil
import subprocess
import sys
import time

import yaml

# For a slow machine, in seconds.
PATIENCE = 60


def last_stage(path):
    """The instructions of the image that is shipped, with their arguments."""
    text = open(path, encoding="utf-8").read().replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.split("\n") if line and line[0] != "#"]
    first = max(at for at, line in enumerate(lines) if line[0] == "FROM")
    return lines[first:]


def values(stage, name):
    return [rest for instruction, rest in stage if instruction == name]


def until(what, look):
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s"
        time.sleep(0.1)


def main():
    dockerfile, compose, caddyfile, program = sys.argv[1:5]
    root = sys.argv[5] if len(sys.argv) > 5 else None
    stage = last_stage(dockerfile)
    services = yaml.safe_load(open(compose, encoding="utf-8"))["services"]
    networks = yaml.safe_load(open(compose, encoding="utf-8"))["networks"]

    # Both services stand in the network of the compose file, each known by its name.
    subnet = networks["default"]["ipam"]["config"][0]["subnet"]
    address = subnet.split("/")[0].rsplit(".", 1)[0] + ".2"
    for command in (["link", "set", "lo", "up"], ["addr", "add", f"{address}/24", "dev", "lo"]):
        subprocess.run(["ip"] + command, check=True)
    with open("/etc/hosts", "w", encoding="utf-8") as hosts:
        hosts.write(f"127.0.0.1 localhost\n{address} relay\n")

    assert stage[0][1] == "scratch", "the image has more in it than the program"
    user, group = values(stage, "USER")[0].split(":")
    assert int(user) > 0, "the image's program runs as root"
    [data] = values(stage, "VOLUME")
    assert f"relay:{data}:rw" in services["relay"]["volumes"]
    environment = dict(pair.split("=", 1) for line in values(stage, "ENV") for pair in line.split())
    environment |= {key: str(value) for key, value in services["relay"]["environment"].items()}
    assert environment["TAPCUE_DATA"] == data
    [entrypoint] = [json.loads(line) for line in values(stage, "ENTRYPOINT")]
    [check] = [json.loads(line.split("CMD")[1]) for line in values(stage, "HEALTHCHECK")]
    folder = (root or "") + data
    os.makedirs(folder, exist_ok=True)
    os.chown(folder, int(user), int(group))
    if not root:
        shutil.copy(program, entrypoint[0])

    def start(command, **more):
        """A command of the image, as its user, with only its environment."""

        def leave():
            if root:
                os.chroot(root)
            os.chdir("/")

        # A capability that the compose file drops is not there; nor is a new one to be had.
        as_user = {"user": int(user), "group": int(group), "extra_groups": []}
        return subprocess.Popen(command, env=environment, preexec_fn=leave, **as_user, **more)

    def healthy():
        return start(check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(PATIENCE) == 0

    assert not healthy(), "healthy without a relay"
    grace = int(services["relay"]["stop_grace_period"].rstrip("s"))
    os.makedirs("/etc/caddy", exist_ok=True)
    shutil.copy(caddyfile, "/etc/caddy/Caddyfile")
    relay = start(entrypoint)
    proxy = None
    try:
        until("the health check", healthy)
        print("the relay is healthy, alone in its image" if root else "the relay is healthy")
        proxy = subprocess.Popen(
            ["caddy", "run", "--config", "/etc/caddy/Caddyfile"],
            env={"TAPCUE_HOST": "localhost", "HOME": "/caddy", "PATH": "/usr/bin:/bin"},
            stderr=subprocess.DEVNULL,
        )
        authority = "/caddy/.local/share/caddy/pki/authorities/local/root.crt"
        ask = ["curl", "--silent", "--fail", "--cacert", authority, "https://localhost/readyz"]
        until("https", lambda: subprocess.run(ask, stdout=subprocess.DEVNULL).returncode == 0)
        client = ["tapcue", "--ca", authority, "--relay", "https://localhost", "--json"]
        said = subprocess.run(
            client + ["host", "--as", "helper"],
            input="leave\n",
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout
        assert "https://localhost/#join=" in said, said
        print("a session by https through Caddy, whose link leads back to it")
        relay.terminate()
        assert relay.wait(grace) == 0, "the relay did not end in order"
        relay = start(entrypoint)
        until("the health check of the next container", healthy)
        print("its data outlives it")
    finally:
        relay.kill()
        if proxy:
            proxy.kill()


main()
