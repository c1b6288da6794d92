"""Asks Node's credential libraries, which nobody here wrote, about what the portal signs.

They are installed once, by `npm ci` from the lock file beside this one, into a cache folder:
PORTAL_CACHE_DIR, or `var/cache` under the project. Node is required: without it the tests fail.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from badges.openbadges.contexts import PINNED
from badges.openbadges.keys import KeyPair
from badges.openbadges.multibase import encode_base58

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FILES = ("package.json", "package-lock.json", "judge.mjs")
ED25519_SECRET = b"\x80\x26"  # multicodec 0x1300 as a varint
INSTALL_SECONDS = 110
JUDGE_SECONDS = 60


def judge(
    credential: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]], *, now: str = ""
) -> dict[str, Any]:
    """What `@digitalbazaar/vc` finds: {"verified": bool, "revoked": bool | None, "errors": [...]}.

    `documents` gives DID documents by DID and status list credentials by address; nothing else but
    our vendored contexts can be loaded. `now` is an ISO 8601 moment for the credential, else the
    present; status lists must be valid at present. `revoked` is None when no status was read.
    """
    return ask([verify_job(credential, documents, now=now)])[0]


def verify_job(
    credential: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]], *, now: str = ""
) -> dict[str, Any]:
    return {"action": "verify", "credential": credential, "documents": documents, "now": now}


def canonicalise_job(document: Mapping[str, Any]) -> dict[str, Any]:
    """Answered by {"nquads": text} from the cryptosuite library in safe mode, or {"errors": []}."""
    return {"action": "canonicalise", "document": document}


def sign_job(credential: Mapping[str, Any], key: KeyPair, did: str, created: str) -> dict[str, Any]:
    """Answered by {"text": JSON} with the proof that `@digitalbazaar/vc` makes with this key."""
    return {
        "action": "sign",
        "credential": credential,
        "created": created,
        "key": {
            "controller": did,
            "publicKeyMultibase": key.multikey,
            "secretKeyMultibase": encode_base58(ED25519_SECRET + key.seed),
        },
    }


def ask(jobs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An answer to each job, from one Node process (which takes most of a second to start)."""
    folder = installed()
    contexts = context_paths()
    done = subprocess.run(
        ["node", str(folder / "judge.mjs")],
        input=json.dumps([{"contexts": contexts, **job} for job in jobs]),
        capture_output=True,
        text=True,
        timeout=JUDGE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"The judge in Node did not answer: {done.stderr[-2000:]}")
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def context_paths() -> dict[str, str]:
    folder = resources.files("badges.openbadges.contexts")
    return {url: str(folder.joinpath(name)) for url, (name, _digest) in PINNED.items()}


def installed() -> Path:
    """The folder with the judge and its libraries; installs them when they are not there yet."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.fail(f"Install Node.js 18 or newer with npm: the command {tool} was not found.")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()
    folder = cache_folder() / digest[:16]
    if (folder / "complete").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at once
        if not (folder / "complete").exists():
            install(folder)
    return folder


def cache_folder() -> Path:
    return Path(os.environ.get("PORTAL_CACHE_DIR") or ROOT / "var" / "cache") / "npm-interop"


def install(folder: Path) -> None:
    """From the lock file exactly, without running any package's scripts."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, folder / name)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"npm ci could not install the judge: {done.stderr[-2000:]}")
    (folder / "complete").touch()
