//! The timeline as drawing data, the filters, and the words of a review.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { words as enReview } from '../i18n/en-review.js';
import { ready, reviewWords } from '../i18n/index.js';
import { drawings, FILTERS, GUTTER, overview, passes, strips } from '../history/review.js';
import { APART, isStop, place } from '../history/review-marks.js';
import * as words from '../history/review-words.js';
import { ago as agoAt } from '../history/when.js';

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
  const many = Array.from({ length: 200 }, (_, n) => {
    const cue = n % 9 === 0 ? 'stop' : 'slower';
    return { x: n * 1.7, mark: { seq: n + 1, by: 'receiver', at: n, kind: { what: 'cue', cue }, result: 'taken' } };
  });
  const placed = place(many);
  assert.equal(placed.reduce((sum, { marks }) => sum + marks.length, 0), many.length);
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

/** @param {number} count @param {number} apart In ms. @param {() => void} [looked] Called when one is looked at. */
function crowd(count, apart, looked = () => {}) {
  const kinds = ['stop', 'slower', 'ready', 'seen', 'seen'];
  return Array.from({ length: count }, (_, n) => {
    const what = kinds[n % kinds.length];
    const kind = what === 'seen' ? { what } : { what: 'cue', cue: what };
    const mark = { seq: n + 1, by: n % 2 ? 'helper' : 'receiver', at: n * apart, result: n % 7 ? 'taken' : 'stale' };
    Object.defineProperty(mark, 'kind', { enumerable: true, get: () => (looked(), kind) });
    return mark;
  });
}

test('ten thousand marks make a drawing of bounded size, and each is looked at a few times', () => {
  for (const [count, apart] of [[10_000, 360], [10_000, 2_000], [1_000, 3_600]]) {
    let looks = 0;
    const marks = crowd(count, apart, () => (looks += 1));
    const timeline = { ...SAMPLE.timeline, from: 0, to: count * apart, marks, bands: [], links: { receiver: [], helper: [] } };
    const all = drawings({ ...SAMPLE, entries: [], timeline }, 990);
    const signs = all.reduce((sum, { lanes }) => sum + lanes.reduce((n, lane) => n + lane.marks.length, 0), 0);
    assert.ok(signs < 24 * 3 * 3 * 42, `${signs} signs: what is dense is merged`);
    // A comparison of each mark with its whole lane would need dozens of looks.
    assert.ok(looks <= 4 * count, `${looks} looks at ${count} marks`);
  }
});

test('a mark takes the first row with room, or else the nearest place of its kind', () => {
  const marks = crowd(400, 1).map((mark, n) => ({ x: (n * 37) % 500, mark }));
  /** The expected places, by comparing each mark with all others. */
  const placed = [];
  const stops = ({ marks: [mark] }) => isStop(mark);
  const seen = (mark) => mark.kind.what === 'seen' && mark.result === 'taken';
  const nearest = (some, x) => some.reduce((best, one) => (!best || Math.abs(one.x - x) < Math.abs(best.x - x) ? one : best), null);
  for (const turn of [isStop, (mark) => !isStop(mark) && !seen(mark), seen]) {
    for (const { x, mark } of marks.filter(({ mark }) => turn(mark))) {
      const rows = turn === seen ? Math.max(1, ...placed.map(({ row }) => row + 1)) : 3;
      const isFree = (row) => placed.every((other) => other.row !== row || Math.abs(other.x - x) >= APART);
      const row = [0, 1, 2].slice(0, rows).find(isFree);
      const like = turn === seen ? nearest(placed.filter((one) => one.marks.every(seen)), x) : null;
      const into = like && Math.abs(like.x - x) < 3 * APART ? like : nearest(placed.filter((one) => stops(one) === isStop(mark)), x);
      if (row !== undefined) placed.push({ x, row, marks: [mark] });
      else into.marks.push(mark);
    }
  }
  placed.sort((one, two) => one.x - two.x || one.row - two.row);
  const summary = (all) => all.map(({ x, row, marks }) => [x, row, marks.map(({ seq }) => seq)]);
  assert.deepEqual(summary(place(marks)), summary(placed));
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

test('stops that are recorded together are told as stops, and counted', () => {
  const recorded = { what: 'stops', by: 'receiver', count: 7, since: 1, id: 'a', at: 2 };
  const entry = { seq: 3, recorded, outcome: { result: 'taken' } };
  const review = { ...SAMPLE, entries: [...SAMPLE.entries, entry] };
  assert.equal(words.says(review, entry), 'Stop again, 7×');
  assert.ok(passes('cues', entry) && passes('people', entry));
});
