//! The filters and the words of a review.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { words as enReview } from '../i18n/en-review.js';
import { ready, reviewWords } from '../i18n/index.js';
import { FILTERS, noteOf, passes } from '../history/review.js';
import { ago as agoAt } from '../history/when.js';

await ready;
await reviewWords();
const SAMPLE = JSON.parse(readFileSync(new URL('data/session.json', import.meta.url), 'utf8'));
const MINUTE = 60_000;

test('every filter shows some entries, and only one shows all', () => {
  for (const filter of FILTERS) {
    const shown = SAMPLE.entries.filter((entry) => passes(filter, entry));
    assert.ok(shown.length > 0 && (filter === 'all') === (shown.length === SAMPLE.entries.length), filter);
  }
  const stops = { recorded: { what: 'stops' }, outcome: { result: 'taken' } };
  assert.ok(passes('cues', stops) && passes('people', stops));
});

test('a note that is not in this copy has no text', () => {
  const notes = SAMPLE.entries.filter((entry) => passes('notes', entry)).map(noteOf);
  assert.ok(notes.some(({ text }) => text === null) && notes.some(({ text }) => text));
});

test('how long ago it was is short and right', () => {
  const now = 1_000 * 86_400_000;
  const ago = (ms) => agoAt(now - ms, now);
  assert.deepEqual([ago(0), ago(5 * MINUTE), ago(180 * MINUTE), ago(3 * 86_400_000)], ['just now', '5 minutes ago', '3 hours ago', '3 days ago']);
});

test('no words of the review are empty', () => {
  for (const [key, text] of Object.entries(enReview)) assert.match(text, /\S/, key);
});
