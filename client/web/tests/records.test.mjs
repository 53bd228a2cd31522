//! Requests to the relay: the token is in a header and never in an address. Also what the answers mean.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { addNote, erase, record, Refused, relayKey } from '../history/records.js';

const PLACE = { session: '01997f6e-0a3b-7c0e-9d5a-000000000001', role: 'helper', token: 'secret-token', at: 0 };
const real = globalThis.fetch;
afterEach(() => (globalThis.fetch = real));

/** Answers every request with this, and records the requests. */
function answers(status, body = '', asked = []) {
  globalThis.fetch = async (url, request) => {
    asked.push({ url, ...request });
    return new Response(status === 204 ? null : body, { status });
  };
  return asked;
}

test('the token goes in a header, and in no address', async () => {
  const asked = answers(200, '\uFEFFseq');
  const csv = await record(PLACE, 'csv', 120, 'de');
  await addNote(PLACE, { text: 'x', shared: false, about: 3 });
  await record(PLACE, 'drawing', 0, 'de', 357.6);
  answers(204, '', asked);
  await erase(PLACE);
  assert.deepEqual(asked.map(({ method, url }) => `${method} ${url}`), [
    `GET /api/v1/sessions/${PLACE.session}/transcript?format=csv&offset=120&lang=de`,
    `POST /api/v1/sessions/${PLACE.session}/notes`,
    `GET /api/v1/sessions/${PLACE.session}/transcript?format=drawing&offset=0&lang=de&width=358`,
    `DELETE /api/v1/sessions/${PLACE.session}`,
  ]);
  for (const { url, headers, cache } of asked) {
    assert.ok(!url.includes(PLACE.token));
    assert.equal(headers.authorization, `Bearer ${PLACE.token}`);
    assert.equal(cache, 'no-store');
  }
  assert.deepEqual(JSON.parse(asked[1].body), { text: 'x', shared: false, about: 3 });
  const [first] = new Uint8Array(await csv.arrayBuffer());
  assert.equal(first, 0xef, 'the mark at the beginning is still there');
});

test('every refusal has its reason, and a deletion says by whom and when', async () => {
  const gone = JSON.stringify({ code: 'deleted', by: 'receiver', at: 7 });
  for (const [status, body, trouble] of [
    [401, '{}', { why: 'bad_token' }],
    [409, '{}', { why: 'not_over' }],
    [409, '{"code":"held"}', { why: 'open_stop' }],
    [410, gone, { why: 'deleted', by: 'receiver', at: 7 }],
    [410, '{"by":null,"at":8}', { why: 'deleted', by: null, at: 8 }],
    [410, 'no JSON', { why: 'deleted', by: null, at: null }],
    [413, '', { why: 'bad_note' }],
    [422, '', { why: 'bad_note' }],
    [429, '{}', { why: 'too_fast' }],
    [503, '{}', { why: 'unavailable' }],
    [502, '', { why: 'unavailable' }],
  ]) {
    answers(status, body);
    await assert.rejects(erase(PLACE), (error) => {
      assert.ok(error instanceof Refused);
      assert.deepEqual(error.trouble, trouble);
      return true;
    });
  }
});

test('a relay that does not answer is told apart from one that refuses', async () => {
  globalThis.fetch = () => Promise.reject(new TypeError('no network'));
  await assert.rejects(record(PLACE, 'json'), ({ trouble }) => trouble.why === 'no_answer');
  assert.equal(await relayKey(), null);
});
