"""Runs Schemathesis against a seeded server of its own, or, with GRADUS_TARGET_URL and
GRADUS_TOKEN_ADMIN (or the token of another role), against a deployment. It only reads from a
deployment, unless GRADUS_TARGET_WRITES=true.

SEED determines the requests; without it, every run differs. EXAMPLES limits the requests per
operation in the phases that have no end.
"""

import json
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
REPORTS = ROOT / ".gradus" / "contract"


def fuzz(url, environment, read_only=False):
    """Tests the server at url and returns the exit code of Schemathesis."""
    api = f"{url}/api/v1"
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    examples = os.environ.get("EXAMPLES") or "60"
    command = [
        pathlib.Path(sys.executable).with_name("schemathesis"),
        *("--config-file", HERE / "schemathesis.toml", "run", ROOT / "api" / "openapi.gen.yaml"),
        *("--url", api, "--seed", seed, "--max-examples", examples),
        *("--report", "junit", "--report-junit-path", REPORTS / "fuzz.xml"),
    ]
    if read_only:
        command += ["--include-method", "GET"]
    elif "FUZZ_TOKEN" in environment:
        command += ["--exclude-operation-id", "SignOut"]  # it would end the only session
    REPORTS.mkdir(parents=True, exist_ok=True)
    print(f"Fuzzing {api}. To repeat this run: make fuzz-contract SEED={seed} EXAMPLES={examples}", flush=True)
    environment = os.environ | environment | {"PYTHONPATH": str(HERE), "FUZZ_API": api}
    return subprocess.run(command, env=environment, cwd=REPORTS).returncode  # where it writes its files


def deployment(url):
    tokens = [
        os.environ[name]
        for role in ("ADMIN", "INSTRUCTOR", "STUDENT", "MEMBER")
        if os.environ.get(name := f"GRADUS_TOKEN_{role}")
    ]
    if not tokens:
        sys.exit("set a session of the deployment: GRADUS_TOKEN_ADMIN=…, or that of another role")
    read_only = os.environ.get("GRADUS_TARGET_WRITES") != "true"
    return fuzz(url.rstrip("/").removesuffix("/api/v1"), {"FUZZ_TOKEN": tokens[0]}, read_only)


def classroom(program):
    """Runs a seeded server until the fuzzer ends."""
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as room:
        try:
            facts = json.loads(room.stdout.readline() or sys.exit("the classroom did not start"))
            admin = next(a for a in facts["accounts"] if a["role"] == "admin")
            return fuzz(facts["url"], {"FUZZ_EMAIL": admin["email"], "FUZZ_PASSWORD": admin["password"]})
        finally:
            room.stdin.close()  # stops it


if __name__ == "__main__":
    target = os.environ.get("GRADUS_TARGET_URL")
    sys.exit(deployment(target) if target else classroom(os.path.abspath(sys.argv[1])))
