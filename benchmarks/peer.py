"""Node's @digitalbazaar/vc as a peer: one process that stays warm between rounds."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from badges.openbadges.keys import KeyPair, KeyState, PublishedKey, did_document
from badges.openbadges.multibase import encode_base58
from tests.interop import node

PROGRAM = Path(__file__).resolve().parent / "peer.mjs"


class NoNode(Exception):
    """Node, npm or the libraries are not there."""


class Peer:
    """Signs and verifies the same documents; a context manager."""

    def __init__(
        self,
        key: KeyPair,
        did: str,
        created: str,
        unsigned: list[Mapping[str, Any]],
        signed: list[Mapping[str, Any]],
    ) -> None:
        if not (shutil.which("node") and shutil.which("npm")):
            raise NoNode("the commands node and npm were not found")
        try:
            folder = node.installed()
        except pytest.fail.Exception as error:
            raise NoNode(str(error)) from None
        shutil.copy(PROGRAM, folder / PROGRAM.name)
        self._process = subprocess.Popen(
            ["node", str(folder / PROGRAM.name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        published = did_document(did, [PublishedKey(key.multikey, KeyState.ACTIVE)])
        multikey = "https://w3id.org/security/multikey/v1"
        methods = {
            one["id"]: {"@context": multikey, **one} for one in published["verificationMethod"]
        }
        self._send(
            contexts=node.context_paths(),
            documents={did: published, **methods},
            secretKeyMultibase=encode_base58(node.ED25519_SECRET + key.seed),
            publicKeyMultibase=key.multikey,
            did=did,
            created=created,
            credentials=unsigned,
            signed=signed,
        )

    def sign(self, count: int) -> dict[str, Any]:
        """{"seconds", "cpuSeconds", "peakKiB", "last": the last signed document}"""
        return self._ask(action="sign", count=count)

    def verify(self, count: int) -> dict[str, Any]:
        return self._ask(action="verify", count=count)

    def _ask(self, **job: Any) -> dict[str, Any]:
        self._send(**job)
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def _send(self, **message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> "Peer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()
