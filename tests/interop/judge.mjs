// Reads a list of JSON jobs on standard input and writes the list of answers: what libraries that
// nobody here wrote think of a credential. Nothing is loaded from anywhere but the job itself.
//
// {action: "verify", credential, documents: {address: document}, contexts: {address: path}, now}
//   -> {verified, revoked, errors}
// {action: "canonicalise", document, contexts} -> {nquads} or {errors}
// {action: "sign", credential, key, created, contexts} -> {text}: the signed document as JSON. The
//   key is {controller, publicKeyMultibase, secretKeyMultibase}, for tests only.
import {readFile} from 'node:fs/promises';
import {text} from 'node:stream/consumers';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';

const actions = {verify, canonicalise, sign};
const answers = [];
for(const job of JSON.parse(await text(process.stdin))) {
  answers.push(await actions[job.action](job, await loaderOf(job)));
}
process.stdout.write(JSON.stringify(answers));

async function verify({credential, now}, documentLoader) {
  const suite = new DataIntegrityProof({cryptosuite});
  const result = await vc.verifyCredential({
    credential, suite, documentLoader, checkStatus,
    now: now ? new Date(now) : new Date()
  });
  const statuses = result.statusResult?.results?.map(one => one.status) ?? [];
  return {
    verified: result.verified,
    revoked: statuses.length ? statuses.some(Boolean) : null,
    errors: messagesOf(result)
  };
}

async function canonicalise({document}, documentLoader) {
  try {
    return {nquads: await cryptosuite.canonize(document, {documentLoader})};
  } catch(error) {
    return {errors: [messageOf(error)]};
  }
}

async function sign({credential, key, created}, documentLoader) {
  const pair = await Ed25519Multikey.from({
    '@context': 'https://w3id.org/security/multikey/v1',
    type: 'Multikey',
    id: `${key.controller}#${key.publicKeyMultibase}`,
    ...key
  });
  const date = new Date(created);
  const suite = new DataIntegrityProof({signer: pair.signer(), cryptosuite, date});
  return {text: JSON.stringify(await vc.issue({credential, suite, documentLoader, now: date}))};
}

async function loaderOf({contexts = {}, documents = {}}) {
  const known = new Map(Object.entries(documents));
  for(const document of Object.values(documents)) {
    for(const method of document.verificationMethod ?? []) {
      known.set(method.id, {'@context': 'https://w3id.org/security/multikey/v1', ...method});
    }
  }
  for(const [address, path] of Object.entries(contexts)) {
    known.set(address, JSON.parse(await readFile(path, 'utf8')));
  }
  return async url => {
    if(!known.has(url)) {
      throw new Error(`not given to the judge: ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document: known.get(url)};
  };
}

function messagesOf(result) {
  const errors = [result.error, result.statusResult?.error];
  for(const one of result.statusResult?.results ?? []) {
    errors.push(one.error);
  }
  return errors.filter(Boolean).flatMap(one => one.errors ?? [one]).map(messageOf);
}

function messageOf(error) {
  const reason = error.cause?.message ?? error.details?.event?.code;
  return reason ? `${error.message} (${reason})` : error.message;
}
