"""How fast badges of other issuers are verified, beside Node's `@digitalbazaar/vc`.

    python -m benchmarks.verifying [rounds]

Both verify the same credential with the same DID document at hand, in one process each, in turns,
so that a busy machine slows both. Node's rate is taken inside Node, without its start. The portal
is measured through its public function, once directly and once through the verifying process.
"""

import base64
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techvet.settings")

from badges.openbadges.documents import serialise  # noqa: E402
from badges.openbadges.foreign import verify_any  # noqa: E402
from badges.openbadges.keys import did_web_url  # noqa: E402
from badges.openbadges.lookups import Fetched, Standing  # noqa: E402
from badges.openbadges.verdict import Outcome  # noqa: E402
from badges.services import verify_process  # noqa: E402
from tests.badges.openbadges.facts import DID, NOW, published, signed  # noqa: E402
from tests.interop.node import context_paths, installed  # noqa: E402

ROUNDS, SECONDS, WANTED = 5, 1.5, 4.0
NODE = """
import {readFile} from 'node:fs/promises';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
const {credential, did, contexts, now, seconds} = JSON.parse(await readFile(process.argv[2]));
const known = new Map([[did.id, did]]);
for(const method of did.verificationMethod) {
  known.set(method.id, {'@context': 'https://w3id.org/security/multikey/v1', ...method});
}
for(const [url, path] of Object.entries(contexts)) {
  known.set(url, JSON.parse(await readFile(path, 'utf8')));
}
const documentLoader = async documentUrl =>
  ({contextUrl: null, documentUrl, document: known.get(documentUrl)});
async function once() {
  const suite = new DataIntegrityProof({cryptosuite});
  const result = await vc.verifyCredential({credential, suite, documentLoader, now: new Date(now)});
  if(!result.verified) { throw new Error('not verified'); }
}
for(let i = 0; i < 20; i++) { await once(); }
const end = performance.now() + seconds * 1000;
const start = performance.now();
let count = 0;
while(performance.now() < end) { await once(); count++; }
console.log(count / (performance.now() - start) * 1000);
"""


class Lookups:
    """The issuer's DID document is at hand; nothing else is needed."""

    def __init__(self) -> None:
        self.document_bytes = json.dumps(published()).encode()

    def standing(self, issuer: str) -> Standing:
        return Standing.UNKNOWN

    def key(self, method: str) -> None:
        return None

    def in_log(self, credential_id: str, proof_value: str) -> bool:
        return False

    def document(self, url: str) -> Fetched:
        assert url == did_web_url(DID)
        return Fetched(200, self.document_bytes)


def main() -> None:
    credential = signed(status=())
    data = serialise(credential)
    folder = installed()
    script, given = folder / "verifying.mjs", folder / "verifying.json"
    script.write_text(NODE, encoding="utf-8")
    job = {
        "credential": credential,
        "did": published(),
        "contexts": context_paths(),
        "now": NOW.isoformat(),
        "seconds": SECONDS,
    }
    given.write_text(json.dumps(job), encoding="utf-8")
    ways = {"direct": direct(data), "own process": through_process(data)}
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    ratios: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        done = subprocess.run(
            ["node", str(script), str(given)], capture_output=True, text=True, check=True
        )
        node = float(done.stdout)
        line = f"round {number + 1}: node {node:7.0f}/s"
        for name, once in ways.items():
            found = rate(once)
            ratios[name].append(found / node)
            line += f"   {name} {found:7.0f}/s = {found / node:5.1f} x"
        print(line)
    verify_process.close()
    for name, found in ratios.items():
        middle = statistics.median(found)
        print(f"{name}: median {middle:.1f} x Node (wanted: at least {WANTED:.0f} x)")


def direct(data: bytes) -> Callable[[], None]:
    lookups = Lookups()

    def once() -> None:
        assert verify_any(data, lookups=lookups, now=NOW).outcome == Outcome.VALID

    return once


def through_process(data: bytes) -> Callable[[], None]:
    content = base64.b64encode(Lookups().document_bytes).decode()
    answers = {
        "standing": lambda issuer: "unknown",
        "key": lambda method: None,
        "in_log": lambda credential_id, proof_value: False,
        "document": lambda url: {"status": 200, "content": content},
    }
    job = {"data": base64.b64encode(data).decode(), "now": NOW.isoformat(), "email": ""}

    def once() -> None:
        assert verify_process.verdict_on(job, answers)["outcome"] == "valid"

    return once


def rate(once: Callable[[], None]) -> float:
    for _ in range(20):
        once()
    start, count = time.perf_counter(), 0
    while time.perf_counter() < start + SECONDS:
        once()
        count += 1
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
