"""Issuing a list of people into Postgres, beside what Node needs for signing alone.

`python -m benchmarks.batch_issuing` starts a private Postgres with fsync on, issues lists through
the product's own services (claim, places, signing with audits, COPY of awards, credentials and
messages, audit line) and prints rates and ratios, in rounds that take turns with Node.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIZES = (100, 1_000, 10_000)


@contextlib.contextmanager
def portal() -> Iterator[None]:
    """Django on a private, durable Postgres that is thrown away afterwards."""
    from techvet.embedded import serving
    from techvet.embedded.folder import open_folder

    path = Path(tempfile.mkdtemp(prefix="portal-benchmark-"))
    try:
        folder = open_folder(path)
        with serving(path, durable=True, holder="benchmark") as addresses:
            os.environ |= {
                "DATABASE_URL": addresses.database_url,
                "REDIS_URL": addresses.redis_url,
                "PORTAL_ENV": "test",
                "DJANGO_SETTINGS_MODULE": "techvet.settings",
                "DATA_DIR": str(path),
                "SECRET_KEY_FILE": str(folder.secret_key_file()),
                "MASTER_KEY_FILE": str(folder.master_key_file()),
            }
            import django
            from django.core.management import call_command
            from django.db import connection

            django.setup()
            call_command("migrate", verbosity=0)
            yield
            connection.close()
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Scene:
    """A school with a badge and a coordinator, and one list after another."""

    def __init__(self) -> None:
        from tests.cast import assemble
        from tests.factories.badges import make_badge, ready_issuers

        self.cast = assemble()
        self.badge = make_badge(self.cast.school, criteria=4)
        ready_issuers()
        self.number = 0

    def start(self, count: int) -> Any:
        from tests.factories.batches import people_csv, started_batch

        self.number += 1
        start = self.number * 1_000_000
        return started_batch(
            self.cast.actor("coordinator"),
            self.badge,
            self.cast.school,
            content=people_csv(count, start=start),
        )


def issue_into_postgres(scene: Scene, count: int) -> float:
    """Credentials per second from the first claim to the last commit, in this one process."""
    from badges.services.batch_issuing import issue_chunk

    batch = scene.start(count)
    chunks = list(batch.chunks.values_list("pk", flat=True))
    begun = time.perf_counter()
    for pk in chunks:
        if not issue_chunk(pk):
            raise RuntimeError("a chunk was not issued")
    seconds = time.perf_counter() - begun
    if batch.awards.filter(credential__isnull=False).count() != count:
        raise RuntimeError("not everybody got one credential")
    return count / seconds


class Node:
    """@digitalbazaar/vc in one warm process that signs credentials of the same kind."""

    def __init__(self, credentials: list[dict[str, Any]]) -> None:
        from badges.openbadges.keys import KeyPair
        from badges.openbadges.multibase import encode_base58
        from tests.interop.node import context_paths, installed

        folder = installed()
        shutil.copy(Path(__file__).parent / "peer.mjs", folder / "peer.mjs")
        key = KeyPair.from_seed(bytes(range(32)))
        secret = "z" + encode_base58(b"\x80\x26" + key.seed + key.public_key).removeprefix("z")
        setting = {
            "contexts": context_paths(),
            "documents": {},
            "secretKeyMultibase": secret,
            "publicKeyMultibase": key.multikey,
            "did": credentials[0]["issuer"]["id"],
            "created": credentials[0]["validFrom"],
            "credentials": credentials,
            "signed": [],
        }
        self.process = subprocess.Popen(
            ["node", str(folder / "peer.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._write(setting)

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def rate(self, count: int) -> float:
        assert self.process.stdout is not None
        self._write({"action": "sign", "count": count})
        return count / json.loads(self.process.stdout.readline())["seconds"]

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)


def unsigned_examples(count: int) -> list[dict[str, Any]]:
    """What was issued last, without its proofs."""
    from badges.models import Credential

    bodies = Credential.objects.order_by("-pk").values_list("body", flat=True)[:count]
    documents = [json.loads(body) for body in bodies]
    for one in documents:
        del one["proof"]
    return documents


def compare(scene: Scene, rounds: int) -> None:
    """Rounds that take turns, so that both meet the same machine; ratios are of the same round."""
    node = Node(unsigned_examples(50))
    node.rate(100)
    ratios = []
    for number in range(1, rounds + 1):
        peer = node.rate(300)
        ours = issue_into_postgres(scene, 3_000)
        peer = (peer + node.rate(300)) / 2
        ratios.append(ours / peer)
        print(
            f"round {number}: Postgres {ours:6.0f}/s, Node signs {peer:4.0f}/s, {ratios[-1]:.1f}x"
        )
    node.stop()
    print(f"issue into Postgres: {statistics.median(ratios):.1f}x Node's signing (median)")


def peak_memory() -> float:
    """MB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-node", action="store_true")
    options = parser.parse_args()
    with portal():
        scene = Scene()
        issue_into_postgres(scene, 50)  # imports, caches, the first template
        for size in SIZES:
            rate = issue_into_postgres(scene, size)
            print(f"{size:>6} issued into Postgres: {rate:7.0f}/s, peak {peak_memory():.0f} MB")
        if not options.without_node:
            compare(scene, options.rounds)


if __name__ == "__main__":
    main()
