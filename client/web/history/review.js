//! The timeline of a transcript as drawing data: strips of time one below the other, with the
//! session's band on top and a lane for each person. Pure: no DOM. The relay's HTML export draws by
//! the same rules (shared/transcript/src/strips.rs and html/).

import { APART, isStop, place, SIDE } from './review-marks.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Placed } from './review-marks.js' */
/** @import { Band, LinkBand, Mark, Timeline, Transcript } from './transcript.d.ts' */

/** @typedef {{ from: number, to: number, length: number, step: number }} Strip In ms since the beginning. */
/** @typedef {{ x: number, width: number, band: Band, kind: 'live' | 'held' | 'start' }} DrawnBand */
/** @typedef {{ x: number, width: number, band: LinkBand, kind: 'late' | 'gone' }} DrawnLink */
/** @typedef {{ by: Role | null, y: number, height: number, links: DrawnLink[], marks: Placed[] }} Lane */
/** @typedef {{ strip: Strip, top: number, height: number, ticks: { x: number, at: number }[], bands: DrawnBand[],
 *   lanes: Lane[], flags: { x: number, seq: number }[], room: number }} Drawing */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Round lengths of strips and of the steps of the axis, in milliseconds. */
const ROUND = [
  ...[1, 2, 5, 10, 15, 30, 60, 90].map((n) => n * SECOND),
  ...[2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30].map((n) => n * MINUTE),
  ...[1, 2, 4, 8, 12, 24, 7 * 24].map((n) => n * HOUR),
];
/** The most strips that a person can read. */
const STRIPS_AT_MOST = 24;
/** The shortest last strip, as a share of a strip. A shorter rest joins the strip before it. */
const STUB = 0.1;

/** The height of the row with the times of the axis. */
export const AXIS = 20;
/** The height of the row with the flags of notes below it, if there are any. */
const FLAGS = 14;
/** The height of the session's band. */
export const BAND = 22;
export const GAP = 6;
/** The width of the lanes' names at the left. */
export const GUTTER = 74;
const RIGHT = 8;

/**
 * The strips for `total` milliseconds with `marks` marks, of which `each` are legible in one strip.
 * @param {number} total @param {number} marks @param {number} each
 * @returns {Strip[]}
 */
export function strips(total, marks, each) {
  const whole = Math.max(total, SECOND);
  const wanted = Math.min(Math.max(Math.ceil(marks / Math.max(each, 1)), 1), STRIPS_AT_MOST);
  const length = wanted === 1 ? whole : roundUp(Math.ceil(whole / wanted));
  const count = Math.max(Math.ceil(whole / length - STUB), 1);
  return Array.from({ length: count }, (_, n) => {
    const from = n * length;
    const to = n === count - 1 ? whole : from + length;
    return { from, to, length: Math.max(length, to - from), step: 0 };
  });
}

/** @param {number} ms */
function roundUp(ms) {
  const longest = ROUND.at(-1) ?? HOUR;
  return ROUND.find((round) => round >= ms) ?? Math.ceil(ms / longest) * longest;
}

/**
 * The drawings of the whole timeline at this width.
 * @param {Transcript} transcript @param {number} width
 * @returns {Drawing[]}
 */
export function drawings({ timeline, entries }, width) {
  const room = Math.max(width - GUTTER - RIGHT, 120);
  const perStrip = Math.max(Math.floor(room / APART) * (room < 400 ? 1.8 : 1.2), 8);
  const total = timeline.to - timeline.from;
  const cut = strips(total, timeline.marks.length, perStrip);
  // One label of the axis needs about 48 units.
  const step = roundUp(Math.ceil((cut[0]?.length ?? SECOND) / Math.max(Math.floor(room / 64), 2)));
  /** @type {{ seq: number, at: number }[]} */
  const flags = [];
  for (const { recorded, note } of entries) {
    const seq = recorded.about ?? note?.about;
    const about = seq === undefined ? undefined : entries[seq - 1];
    if (about && seq !== undefined) flags.push({ seq, at: about.recorded.at - timeline.from });
  }
  const last = cut.length - 1;
  /** @type {Mark[][]} */
  const marks = cut.map(() => []);
  for (const mark of timeline.marks) {
    const index = Math.floor((mark.at - timeline.from) / (cut[0]?.length ?? SECOND));
    marks[Math.min(index, last)]?.push(mark);
  }
  return cut.map((strip, index) => draw(timeline, { ...strip, step }, marks[index] ?? [], index === last, flags, room));
}

/**
 * @param {Timeline} timeline @param {Strip} strip @param {Mark[]} marksHere @param {boolean} last
 * @param {{ seq: number, at: number }[]} flags @param {number} room
 * @returns {Drawing}
 */
function draw(timeline, strip, marksHere, last, flags, room) {
  const x = (/** @type {number} */ at) => GUTTER + (Math.min(Math.max(at - strip.from, 0), strip.length) / strip.length) * room;
  const has = (/** @type {number} */ at) => at >= strip.from && (at < strip.to || (last && at >= strip.to));
  const clip = (/** @type {{ from: number, to: number | null }} */ band) => {
    const from = Math.max(band.from - timeline.from, strip.from);
    const to = Math.min((band.to ?? timeline.to) - timeline.from, strip.to);
    // Even a very short hold stays visible.
    return from < to ? { x: x(from), width: Math.max(x(to) - x(from), 1.5) } : null;
  };
  const bands = timeline.bands.flatMap((band) => {
    const where = clip(band);
    return where ? [{ ...where, band, kind: kindOf(band) }] : [];
  });
  const here = flags.filter(({ at }) => has(at)).map(({ seq, at }) => ({ seq, x: x(at) }));
  const top = AXIS + (here.length > 0 ? FLAGS : 0);
  let y = top + BAND + GAP;
  /** @type {Lane[]} */
  const lanes = [];
  for (const by of /** @type {(Role | null)[]} */ (['receiver', 'helper', null])) {
    const mine = marksHere.filter((mark) => mark.by === by);
    const half = SIDE / 2;
    const marks = place(mine.map((mark) => ({ x: clamp(x(mark.at - timeline.from), GUTTER + half, GUTTER + room - half), mark })));
    if (by === null && marks.length === 0) continue;
    const rows = Math.max(1, ...marks.map(({ row }) => row + 1));
    const height = rows * APART + 4;
    const links = by === null ? [] : timeline.links[by].flatMap((band) => link(band, clip(band)));
    lanes.push({ by, y, height, links, marks });
    y += height + GAP;
  }
  const ticks = [];
  const end = strip.from + strip.length;
  for (let at = Math.ceil(strip.from / strip.step) * strip.step; at <= end; at += strip.step) ticks.push({ x: x(at), at });
  return { strip, top, height: y, ticks, bands, lanes, flags: here, room };
}

/** @typedef {{ segments: { x: number, width: number }[], bands: DrawnBand[], stops: { x: number }[],
 *   flags: { x: number }[] }} Overview */

/**
 * The whole session in one line: the positions of the strips, the session's bands, the stops and the flags.
 * @param {Timeline} timeline @param {Drawing[]} drawn @param {number} width
 * @returns {Overview}
 */
export function overview(timeline, drawn, width) {
  const total = Math.max(timeline.to - timeline.from, 1);
  const x = (/** @type {number} */ at) => (Math.min(Math.max(at, 0), total) / total) * width;
  return {
    segments: drawn.map(({ strip }) => ({ x: x(strip.from), width: x(strip.to) - x(strip.from) })),
    bands: timeline.bands.flatMap((band) => {
      const [from, to] = [x(band.from - timeline.from), x((band.to ?? timeline.to) - timeline.from)];
      return from < to ? [{ x: from, width: Math.max(to - from, 1.5), band, kind: kindOf(band) }] : [];
    }),
    stops: timeline.marks.filter(isStop).map((mark) => ({ x: x(mark.at - timeline.from) })),
    flags: drawn.flatMap(({ strip, flags, room }) =>
      flags.map((flag) => ({ x: x(strip.from + ((flag.x - GUTTER) / room) * strip.length) })),
    ),
  };
}

/** @param {LinkBand} band @param {{ x: number, width: number } | null} where @returns {DrawnLink[]} */
function link(band, where) {
  const up = band.status === 'here' || band.status === 'absent';
  return where && !up ? [{ ...where, band, kind: band.status === 'late' ? 'late' : 'gone' }] : [];
}

/** @param {Band} band @returns {DrawnBand['kind']} */
function kindOf({ phase, reason }) {
  if (phase === 'live') return 'live';
  return phase === 'held' && reason !== undefined && reason !== 'start' ? 'held' : 'start';
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** The entries that a filter shows. @typedef {'all' | 'people' | 'cues' | 'holds' | 'notes'} Filter */

/** The filters, in the order of their buttons. @type {Filter[]} */
export const FILTERS = ['all', 'people', 'cues', 'holds', 'notes'];

/** @param {Filter} filter @param {Transcript['entries'][number]} entry */
export function passes(filter, { recorded: { what }, outcome }) {
  switch (filter) {
    case 'all':
      return true;
    case 'people':
      return what !== 'shown' && what !== 'link';
    case 'cues':
      return what === 'cue' || what === 'stops' || what === 'thumb';
    case 'holds':
      return tintOf({ outcome }) !== null || (what === 'ended' && outcome.result === 'taken');
    case 'notes':
      return what === 'noted';
  }
}

/** The effect of an entry on the session: it held it or made it live.
 * @param {Pick<Transcript['entries'][number], 'outcome'>} entry */
export function tintOf({ outcome: { hold, within, live } }) {
  if (live) return 'live';
  return (hold && hold.reason !== 'start') || within !== undefined ? 'held' : null;
}
