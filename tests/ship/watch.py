#!/usr/bin/env python3
"""Has a real Prometheus watch a real relay with what server/package/watch holds.

    watch.py FOLDER RELAY CLIENT

Every expression of the dashboard gives a value once there was a session, every alert is known and quiet, and
the one for a relay that is gone fires when it is.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

# For a slow machine, in seconds.
PATIENCE = 60


def until(what, look):
    deadline = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s"
        time.sleep(0.2)


def found_in(pattern, path):
    """The first group of a pattern in a log that is still written."""
    match = re.search(pattern, open(path, encoding="utf-8").read())
    return match and match.group(1)


def main():
    folder, relay_program, client = sys.argv[1:4]
    work = tempfile.mkdtemp()
    log = os.path.join(work, "log")
    command = [relay_program, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"]
    command += ["--data", os.path.join(work, "data"), "--discovery", "off"]
    relay = subprocess.Popen(command, stdout=open(log, "w"), stderr=subprocess.STDOUT)
    prometheus = None
    try:
        url = until("the relay", lambda: found_in(r"listening on (\S+)", log))
        metrics = until("its metrics", lambda: found_in(r"metrics are at http://([^/]+)/", log))
        shutil.copy(os.path.join(folder, "alerts.yml"), work)
        config = open(os.path.join(folder, "prometheus.yml"), encoding="utf-8").read()
        config = config.replace("127.0.0.1:9464", metrics).replace("15s", "1s")
        with open(os.path.join(work, "prometheus.yml"), "w", encoding="utf-8") as file:
            file.write(config)
        said = os.path.join(work, "prometheus.log")
        command = ["prometheus", f"--config.file={work}/prometheus.yml", f"--storage.tsdb.path={work}/tsdb"]
        command += ["--web.listen-address=127.0.0.1:0"]
        prometheus = subprocess.Popen(command, stdout=open(said, "w"), stderr=subprocess.STDOUT)
        at = until("Prometheus", lambda: found_in(r"Listening on\" address=(\S+)", said))

        def ask(path, **arguments):
            query = urllib.parse.urlencode(arguments)
            try:
                with urllib.request.urlopen(f"http://{at}/api/v1/{path}?{query}", timeout=PATIENCE) as answer:
                    return json.load(answer)["data"]
            except OSError:
                return None

        def value(expression):
            answer = ask("query", query=expression)
            return answer and answer["result"]

        until("a scrape", lambda: value('up{job="tapcue"} == 1'))
        before = value("tapcue_start_time_seconds")
        assert abs(float(before[0]["value"][1]) - time.time()) < 10 * PATIENCE, before
        session = subprocess.Popen(
            [client, "--relay", url, "--json", "host", "--as", "receiver"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )
        until("the session", lambda: value('tapcue_sessions{phase="waiting"} == 1'))
        session.stdin.write("stop\n")
        session.stdin.flush()
        until("the stop", lambda: value('tapcue_cues_total{lane="urgent"} == 1'))
        session.communicate("leave\n", timeout=PATIENCE)

        dashboard = json.load(open(os.path.join(folder, "dashboard.json"), encoding="utf-8"))
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        for expression in expressions:
            expression = expression.replace("$instance", ".*")
            until(expression, lambda: value(expression))
        print(f"{len(expressions)} expressions of the dashboard have a value")
        rules = until("the rules", lambda: (ask("rules") or {}).get("groups"))[0]["rules"]
        until("their first look", lambda: all(rule["health"] == "ok" for rule in ask("rules")["groups"][0]["rules"]))
        firing = [alert for alert in ask("alerts")["alerts"] if alert["state"] == "firing"]
        assert not firing, firing
        print(f"{len(rules)} alerts are known, and none fires")
        relay.kill()
        until("the alert", lambda: [a for a in ask("alerts")["alerts"] if a["labels"]["alertname"] == "TapcueDown"])
        print("a relay that is gone is noticed")
    finally:
        relay.kill()
        if prometheus:
            prometheus.kill()
            prometheus.wait()
        shutil.rmtree(work, ignore_errors=True)


main()
