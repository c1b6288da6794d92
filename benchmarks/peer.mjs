// The peer: signs and verifies with @digitalbazaar/vc, in one process that stays warm.
//
// The first line of standard input is the setting: {contexts: {address: path}, documents: {address:
// document}, secretKeyMultibase, publicKeyMultibase, did, created, credentials, signed}. Each
// further line is {action: "sign" | "verify", count}; each answer is {seconds, cpuSeconds, peakKiB,
// last}.
import {readFile} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const lines = createInterface({input: process.stdin})[Symbol.asyncIterator]();
const setting = JSON.parse((await lines.next()).value);
const known = new Map(Object.entries(setting.documents));
for(const [address, path] of Object.entries(setting.contexts)) {
  known.set(address, JSON.parse(await readFile(path, 'utf8')));
}
const documentLoader = async url => {
  if(!known.has(url)) {
    throw new Error(`not given to the peer: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: known.get(url), tag: 'static'};
};
const key = await Ed25519Multikey.from({
  '@context': 'https://w3id.org/security/multikey/v1',
  type: 'Multikey',
  id: `${setting.did}#${setting.publicKeyMultibase}`,
  controller: setting.did,
  publicKeyMultibase: setting.publicKeyMultibase,
  secretKeyMultibase: setting.secretKeyMultibase
});
const now = new Date(setting.created);
const actions = {sign, verify};

for await (const line of lines) {
  const {action, count} = JSON.parse(line);
  const before = process.cpuUsage();
  const start = process.hrtime.bigint();
  let last;
  for(let place = 0; place < count; ++place) {
    last = await actions[action](place);
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const used = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({
    seconds, cpuSeconds: (used.user + used.system) / 1e6,
    peakKiB: process.resourceUsage().maxRSS, last
  }) + '\n');
}

async function sign(place) {
  const suite = new DataIntegrityProof({signer: key.signer(), cryptosuite, date: now});
  const credential = structuredClone(setting.credentials[place % setting.credentials.length]);
  return vc.issue({credential, suite, documentLoader, now});
}

async function verify(place) {
  const credential = structuredClone(setting.signed[place % setting.signed.length]);
  const suite = new DataIntegrityProof({cryptosuite});
  const found = await vc.verifyCredential({
    credential, suite, documentLoader, now, checkStatus: async () => ({verified: true})
  });
  if(!found.verified) {
    throw found.error;
  }
  return true;
}
