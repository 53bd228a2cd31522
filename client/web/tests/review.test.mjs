//! The timeline as drawing data, the filters, and the words of a review.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { words as enReview } from '../i18n/en-review.js';
import { ready, reviewWords } from '../i18n/index.js';
import { APART, drawings, FILTERS, GUTTER, isStop, overview, passes, place, strips } from '../review.js';
import * as words from '../review-words.js';
import { ago as agoAt } from '../when.js';

await ready;
await reviewWords();
const SAMPLE = JSON.parse(readFileSync(new URL('data/session.json', import.meta.url), 'utf8'));
const MINUTE = 60_000;

test('strips cover all of the time without a gap, and are never too many', () => {
  for (const total of [0, 1, 999, 61_000, 3_600_000, 3_600_001, 400 * 86_400_000, 2 ** 53 - 1]) {
    for (const marks of [0, 1, 30, 31, 10_000, 2 ** 40]) {
      const all = strips(total, marks, 30);
      assert.ok(all.length >= 1 && all.length <= 24, `${all.length} strips for ${total} ms`);
      assert.equal(all[0].from, 0);
      for (const [index, strip] of all.slice(1).entries()) assert.equal(strip.from, all[index].to);
      assert.ok(all.at(-1).to >= total);
    }
  }
});

test('no strip is made for the last few seconds', () => {
  const all = strips(52 * MINUTE + 7_000, 300, 23);
  assert.equal(all.length, 13);
  assert.deepEqual([all.at(-1).from, all.at(-1).length], [48 * MINUTE, 4 * MINUTE + 7_000]);
});

test('"seen" takes no row that nothing else needs, and is told where it was', () => {
  const mark = (n, kind, at) => ({ x: at, mark: { seq: n + 1, by: 'helper', at, kind, result: 'taken' } });
  const seen = Array.from({ length: 30 }, (_, n) => mark(n, { what: 'seen' }, n * 9));
  const placed = place([...seen, mark(30, { what: 'cue', cue: 'stop' }, 100)]);
  assert.ok(placed.every(({ row }) => row === 0));
  for (const { x, marks } of placed) for (const { at } of marks) assert.ok(Math.abs(at - x) < 3 * APART);
});

test('the line of the whole session has all stops, bands and notes in their order', () => {
  const drawn = drawings(SAMPLE, 358);
  const { segments, bands, stops, flags } = overview(SAMPLE.timeline, drawn, 358);
  assert.equal(segments.length, drawn.length);
  assert.equal(stops.length, SAMPLE.timeline.marks.filter(isStop).length);
  assert.ok(flags.length > 0);
  for (const { x } of [...bands, ...stops, ...flags, ...segments]) assert.ok(x >= 0 && x <= 358);
  assert.deepEqual(segments.map(({ x }) => x), segments.map(({ x }) => x).sort((a, b) => a - b));
});

test('no mark lies on another, none is lost, and no stop is among others', () => {
  const crowd = Array.from({ length: 200 }, (_, n) => {
    const cue = n % 9 === 0 ? 'stop' : 'slower';
    return { x: n * 1.7, mark: { seq: n + 1, by: 'receiver', at: n, kind: { what: 'cue', cue }, result: 'taken' } };
  });
  const placed = place(crowd);
  assert.equal(placed.reduce((sum, { marks }) => sum + marks.length, 0), crowd.length);
  for (const [index, one] of placed.entries()) {
    for (const other of placed.slice(index + 1)) {
      assert.ok(one.row !== other.row || Math.abs(one.x - other.x) >= APART);
    }
    const stops = one.marks.filter(isStop).length;
    assert.ok(stops === 0 || stops === one.marks.length);
  }
});

test('every mark of a session is drawn once, inside the paper, at any width', () => {
  for (const width of [200, 358, 688, 990]) {
    const all = drawings(SAMPLE, width);
    const seqs = all.flatMap(({ lanes }) => lanes.flatMap(({ marks }) => marks.flatMap((placed) => placed.marks.map(({ seq }) => seq))));
    assert.deepEqual([...seqs].sort((a, b) => a - b), SAMPLE.timeline.marks.map(({ seq }) => seq).sort((a, b) => a - b));
    for (const { bands, lanes, height } of all) {
      for (const { x, width: wide } of bands) assert.ok(x >= GUTTER && x + wide <= Math.max(width, 202) + 1.5);
      for (const { y, height: tall, marks } of lanes) {
        assert.ok(y + tall <= height);
        for (const { x } of marks) assert.ok(x >= GUTTER && x <= Math.max(width, 202));
      }
    }
  }
});

test('each person has a lane in every strip, and bands tell live from held from lost', () => {
  const all = drawings(SAMPLE, 688);
  for (const { lanes } of all) assert.deepEqual(lanes.slice(0, 2).map(({ by }) => by), ['receiver', 'helper']);
  const kinds = new Set(all.flatMap(({ bands }) => bands.map(({ kind }) => kind)));
  assert.deepEqual([...kinds].sort(), ['held', 'live', 'start']);
  const links = new Set(all.flatMap(({ lanes }) => lanes.flatMap((lane) => lane.links.map(({ kind }) => kind))));
  assert.deepEqual([...links].sort(), ['gone', 'late']);
});

test('a hold of an instant is still to be seen, and a note has its flag', () => {
  const all = drawings(SAMPLE, 688);
  for (const { bands } of all) for (const { width } of bands) assert.ok(width >= 1.5);
  const about = SAMPLE.entries.flatMap(({ recorded, note }) => recorded.about ?? note?.about ?? []);
  assert.deepEqual(all.flatMap(({ flags }) => flags.map(({ seq }) => seq)).sort((a, b) => a - b), about.sort((a, b) => a - b));
});

test('ten thousand marks make a drawing of bounded size', () => {
  const kinds = ['slower', 'stop', 'ready', 'good'];
  const marks = Array.from({ length: 10_000 }, (_, n) => ({
    seq: n + 1,
    by: n % 2 ? 'helper' : 'receiver',
    at: n * 360,
    kind: { what: 'cue', cue: kinds[n % 4] },
    result: 'taken',
  }));
  const timeline = { ...SAMPLE.timeline, from: 0, to: 3_600_000, marks, bands: [], links: { receiver: [], helper: [] } };
  const all = drawings({ ...SAMPLE, entries: [], timeline }, 990);
  const signs = all.reduce((sum, { lanes }) => sum + lanes.reduce((n, lane) => n + lane.marks.length, 0), 0);
  assert.ok(signs < 24 * 3 * 3 * 42, `${signs} signs: what is dense is merged`);
});

test('every entry says something, what became of it has no blanks left, and every filter shows some', () => {
  for (const entry of SAMPLE.entries) {
    assert.match(words.says(SAMPLE, entry), /\S/);
    assert.doesNotMatch(words.says(SAMPLE, entry) + words.became(entry), /[{}]|undefined|NaN|null/);
  }
  for (const filter of FILTERS) {
    const shown = SAMPLE.entries.filter((entry) => passes(filter, entry));
    assert.ok(shown.length > 0 && (filter === 'all') === (shown.length === SAMPLE.entries.length), filter);
  }
});

test('figures, the story and what was before are sentences without blanks', () => {
  const lines = [
    ...words.figures(SAMPLE).map(([name, value]) => `${name}: ${value}`),
    ...words.story(SAMPLE).map((line) => `${line.time} ${line.words}`),
    ...words.linkStory(SAMPLE).map((line) => `${line.time} ${line.words}`),
    ...words.before(SAMPLE),
    ...SAMPLE.timeline.marks.map((mark) => words.tell(SAMPLE, mark)),
  ];
  for (const line of lines) assert.doesNotMatch(line, /[{}]|undefined|NaN|null/, line);
  const live = words.story(SAMPLE).filter(({ words: line }) => line.startsWith('Live'));
  assert.equal(live.length, SAMPLE.figures.went_live);
});

test('durations and how long ago it was are short and right', () => {
  assert.deepEqual(
    [0, 999, 1_400, 59_999, 125_000, 3_723_000].map(words.span),
    ['0 ms', '999 ms', '1.4 s', '59.9 s', '2:05 min', '1:02:03 h'],
  );
  assert.deepEqual([0, 83_000, 3_723_000].map(words.since), ['0:00', '1:23', '1:02:03']);
  const now = 1_000 * 86_400_000;
  const ago = (ms) => agoAt(now - ms, now);
  assert.deepEqual([ago(0), ago(5 * MINUTE), ago(180 * MINUTE), ago(3 * 86_400_000)], ['just now', '5 minutes ago', '3 hours ago', '3 days ago']);
});

test('no words of the review are empty', () => {
  for (const [key, text] of Object.entries(enReview)) assert.match(text, /\S/, key);
});
