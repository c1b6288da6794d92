"""How fast badges are signed, verified and issued, beside Node's @digitalbazaar/vc.

    .venv/bin/python benchmarks/issuing.py [--rounds 7] [--no-portal]

One run; the rounds alternate between the peer and the portal, so that whatever else the machine
does meets both. Only the ratios of a round mean something; README.md says how to read them.
"""

import argparse
import hashlib
import os
import platform
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from badges.openbadges.credential import (
    CredentialFacts,
    RecipientFacts,
    StatusFacts,
    build_credential,
)
from badges.openbadges.documents import format_moment
from badges.openbadges.proof import LocalSigner, add_proof
from badges.openbadges.template.badges import badge_slots, badge_values, sign_badges
from badges.openbadges.template.known import KnownTemplates
from benchmarks.peer import NoNode, Peer
from tests.badges.openbadges.facts import DID, FACTS, ISSUED, KEY, LIST_URL, ORIGIN

BATCH = 2_000  # credentials in a round, two chunks
PEER_BATCH = 150
CHUNKS = 3
LIBRARIES = ("pyld", "pyoxigraph", "pynacl", "orjson", "django", "psycopg2-binary")
SIGNER = LocalSigner(KEY, DID)


def badge(number: int) -> CredentialFacts:
    """A realistic badge: two alignments, an e-mail hash, a place on a status list; 3 kB."""
    salt = uuid.uuid4().hex[:16]
    identity = hashlib.sha256(f"{number}{salt}".encode()).hexdigest()
    return replace(
        FACTS,
        id=f"{ORIGIN}/credentials/{uuid.uuid4()}",
        recipient=RecipientFacts(
            id=f"urn:uuid:{uuid.uuid4()}", identity_hash=f"sha256${identity}", salt=salt
        ),
        evidence=(),
        status=(StatusFacts(list_url=LIST_URL, index=number),),
    )


def seconds_for(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Figures:
    """Seconds for one credential, by name, one for each round."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def add(self, name: str, seconds: float) -> None:
        self._seconds.setdefault(name, []).append(seconds)

    def show(self, name: str, *, beside: str = "", target: str = "") -> None:
        own = self._seconds.get(name)
        if not own:
            return
        rate = f"{1 / statistics.median(own):>9,.0f}/s  {spread(own, 1e6):>26} us"
        other = self._seconds.get(beside)
        if other:
            ratios = [theirs / ours for theirs, ours in zip(other, own, strict=True)]
            rate += f"   {spread(ratios):>22} x {target}"
        say(f"  {name:<42}{rate}")


def spread(values: Sequence[float], scale: float = 1) -> str:
    """Median (smallest to largest)."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle * scale:,.1f} ({low * scale:,.1f} to {high * scale:,.1f})"


def say(text: str = "") -> None:
    print(text, flush=True)


def describe_machine() -> None:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    say(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} x {cpu}; load {load}")
    say(f"Python {platform.python_version()}; " + "; ".join(f"{n} {version(n)}" for n in LIBRARIES))


def one_round(
    figures: Figures, peer: Peer | None, known: KnownTemplates, facts: list[CredentialFacts]
) -> None:
    document = build_credential(facts[0])
    template = known.template(document, badge_slots(document))
    rows = [badge_values(one) for one in facts]
    if peer:
        figures.add("node sign", peer.sign(PEER_BATCH)["seconds"] / PEER_BATCH)
    signed: list[bytes] = []
    figures.add(
        "sign, with audits (sign_many)",
        seconds_for(lambda: signed.extend(template.sign_many(rows, SIGNER, ISSUED))) / len(facts),
    )
    figures.add(
        "sign from facts, with audits (sign_badges)",
        seconds_for(lambda: list(sign_badges(facts, SIGNER, ISSUED, known=known))) / len(facts),
    )
    figures.add(
        "sign by the full path (add_proof)",
        seconds_for(lambda: [add_proof(document, SIGNER, ISSUED) for _ in range(60)]) / 60,
    )
    if peer:
        figures.add("node verify", peer.verify(PEER_BATCH)["seconds"] / PEER_BATCH)
    figures.add(
        "verify own, by template", seconds_for(lambda: check_all(known, signed)) / len(signed)
    )


def check_all(known: KnownTemplates, signed: list[bytes]) -> None:
    if not all(known.accepting(text, KEY.public_key) for text in signed):
        raise RuntimeError("a template does not know its own credential")


def cold_template(peer: Peer | None) -> None:
    """The first credential of a new achievement."""
    document = build_credential(badge(0))
    slots, values = badge_slots(document), badge_values(badge(1))

    def first() -> None:
        KnownTemplates().template(document, slots).sign(values, SIGNER, ISSUED)

    cold = statistics.median(seconds_for(first) for _ in range(7))
    text = f"  cold template, compiled, tested and first signature: {cold * 1e3:.1f} ms"
    if peer:
        node = statistics.median(peer.sign(10)["seconds"] / 10 for _ in range(7))
        text += f"; one signature in Node: {node * 1e3:.1f} ms (target: not 20 ms slower)"
    say(text)


def memory() -> None:
    """Peaks of processes of their own."""
    peaks = []
    for count in (100, 10_000):
        done = subprocess.run(
            [sys.executable, __file__, "--memory-of", str(count)],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    say(f"  peak memory: 100 credentials {peaks[0]:,} KiB, 10,000 {peaks[1]:,} KiB")


def peak_of(count: int) -> int:
    """KiB after signing `count` credentials, none of which is kept."""
    for _text in sign_badges(map(badge, range(count)), SIGNER, ISSUED):
        pass
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def pure_part(rounds: int, peer: Peer | None, figures: Figures, after: Callable[[], None]) -> None:
    known = KnownTemplates()
    facts = [badge(number) for number in range(BATCH)]
    one_round(Figures(), peer, known, facts)  # warms up both
    for _ in range(rounds):
        one_round(figures, peer, known, facts)
        after()


def show(figures: Figures, rounds: int) -> None:
    say(f"\n{rounds} rounds; median (smallest to largest); x = times Node, paired by round")
    figures.show("node sign")
    figures.show(
        "sign, with audits (sign_many)", beside="node sign", target="(target 75, least 60)"
    )
    figures.show("sign from facts, with audits (sign_badges)", beside="node sign")
    figures.show("sign by the full path (add_proof)", beside="node sign")
    figures.show(
        "issue into Postgres (issue_chunk)", beside="node sign", target="(target 35, least 20)"
    )
    figures.show("node verify")
    figures.show("verify own, by template", beside="node verify", target="(target 31)")


def with_portal(rounds: int, peer: Peer | None, figures: Figures) -> None:
    from benchmarks.portal import issue_into_postgres, portal, single_approval

    with portal() as scene:
        issue_into_postgres(scene, 1)

        def after() -> None:
            seconds = issue_into_postgres(scene, CHUNKS)
            figures.add("issue into Postgres (issue_chunk)", seconds / (CHUNKS * 1_000))

        pure_part(rounds, peer, figures, after)
        show(figures, rounds)
        costs = [single_approval(scene, number) for number in range(6)][1:]
        clicks = [one.cpu_seconds for one in costs]
        workers = [one.worker_cpu_seconds for one in costs]
        say(
            f"  one approval: {costs[-1].statements} statements, {spread(clicks, 1e3)} ms of CPU"
            " (targets 15 and 25 ms);"
            f" its worker: {costs[-1].worker_statements} statements, {spread(workers, 1e3)} ms"
        )


def peer_or_none(arguments: argparse.Namespace) -> Peer | None:
    if arguments.no_node:
        return None
    unsigned = [build_credential(badge(number)) for number in range(50)]
    signed = [add_proof(one, SIGNER, ISSUED) for one in unsigned]
    try:
        peer = Peer(KEY, DID, format_moment(ISSUED), unsigned, signed)
    except NoNode as reason:
        say(f"Node is not there, so there are no ratios: {reason}")
        return None
    if peer.sign(1)["last"] != signed[0]:
        raise RuntimeError("Node signs another document; nothing can be compared")
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    say(f"Peer: @digitalbazaar/vc in Node {node.stdout.strip()}; same key, documents and bytes")
    return peer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-node", action="store_true", help="no peer, and so no ratios")
    parser.add_argument("--no-portal", action="store_true", help="no Postgres: signing only")
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        say(str(peak_of(arguments.memory_of)))
        return
    describe_machine()
    figures = Figures()
    peer = peer_or_none(arguments)
    try:
        if arguments.no_portal:
            pure_part(arguments.rounds, peer, figures, lambda: None)
            show(figures, arguments.rounds)
        else:
            with_portal(arguments.rounds, peer, figures)
        cold_template(peer)
        memory()
    finally:
        if peer:
            peer.__exit__(None, None, None)


if __name__ == "__main__":
    main()
