//! The timeline of a transcript as drawing data: strips of time one below the other, with the
//! session's band on top and a lane for each person. Pure: no DOM. The relay's HTML export draws by
//! the same rules (shared/src/transcript/strips.rs and html/).

/** @import { Role } from './protocol.d.ts' */
/** @import { Band, LinkBand, Mark, Timeline, Transcript } from './transcript.d.ts' */

/** @typedef {{ from: number, to: number, length: number, step: number }} Strip In ms since the beginning. */
/** @typedef {{ x: number, row: number, marks: Mark[] }} Placed */
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
/** More strips than this nobody reads. */
const STRIPS_AT_MOST = 24;
/** What is left for a last strip of its own, as a share of a strip: less goes with the one before. */
const STUB = 0.1;

/** A mark's side, in units of the drawing, which are CSS pixels. */
export const SIDE = 20;
/** From the middle of one mark to the middle of the next, at the least. */
export const APART = SIDE + 4;
/** How many rows of marks a lane may have. */
const ROWS = 3;
/** How far away a mark may stand that says the same of something else, to be one with it. */
const NEAR = 3 * APART;
/** The row with the times of the axis. */
export const AXIS = 20;
/** The row with the flags of notes below it, where there are some. */
const FLAGS = 14;
/** The height of the session's band. */
export const BAND = 22;
export const GAP = 6;
/** What the lanes' names take at the left. */
export const GUTTER = 74;
const RIGHT = 8;

/**
 * Strips for `total` milliseconds with `marks` marks, of which `each` are legible in one strip.
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
 * Places the marks of a lane, given with where they belong: none on another, and no stop among
 * others. What does not fit beside its neighbours goes below them; where even that is full, several
 * become one. "Seen" follows almost every cue: it takes the room that is left, and no row for itself.
 * @param {{ x: number, mark: Mark }[]} marks
 * @returns {Placed[]} In the order of time.
 */
export function place(marks) {
  /** @type {Placed[]} */
  const placed = [];
  for (const turn of [isStop, isOther, isSeen]) {
    for (const { x, mark } of marks) if (turn(mark)) put(placed, x, mark);
  }
  return placed.sort((one, two) => one.x - two.x || one.row - two.row);
}

/** @param {Placed[]} placed @param {number} x @param {Mark} mark */
function put(placed, x, mark) {
  const seen = isSeen(mark);
  const rows = seen ? Math.max(1, ...placed.map((other) => other.row + 1)) : ROWS;
  for (let row = 0; row < rows; row += 1) {
    if (placed.every((other) => other.row !== row || Math.abs(other.x - x) >= APART)) {
      placed.push({ x, row, marks: [mark] });
      return;
    }
  }
  const like = seen ? nearestOf(placed.filter((other) => other.marks.every(isSeen)), x) : null;
  if (like && Math.abs(like.x - x) < NEAR) {
    like.marks.push(mark);
    return;
  }
  if (rows < ROWS) {
    placed.push({ x, row: rows, marks: [mark] });
    return;
  }
  const stop = isStop(mark);
  const nearest = nearestOf(placed.filter((other) => other.marks.some(isStop) === stop), x);
  // A stop that finds all rows full finds a stop there: they are placed first.
  nearest?.marks.push(mark);
}

/** @param {Placed[]} placed @param {number} x */
function nearestOf(placed, x) {
  /** @type {Placed | null} */
  let nearest = null;
  for (const other of placed) {
    if (!nearest || Math.abs(other.x - x) < Math.abs(nearest.x - x)) nearest = other;
  }
  return nearest;
}

/** Somebody said that they saw it. @param {Mark} mark */
function isSeen({ kind, result }) {
  return kind.what === 'seen' && result === 'taken';
}

/** @param {Mark} mark */
function isOther(mark) {
  return !isStop(mark) && !isSeen(mark);
}

/** A stop that was taken, or a thumb that was lifted. @param {Mark} mark */
export function isStop({ kind, result }) {
  if (result !== 'taken') return false;
  return (kind.what === 'cue' && kind.cue === 'stop') || (kind.what === 'thumb' && !kind.down);
}

/** What a mark looks like: its kind, or `untaken`. @param {Mark} mark */
export function lookOf({ kind, result }) {
  return result === 'taken' ? signOf(kind) : 'untaken';
}

/** The name of a mark's sign. @param {Mark['kind']} kind */
export function signOf(kind) {
  if (kind.what === 'cue') return kind.cue;
  if (kind.what === 'thumb') return kind.down ? 'thumb_down' : 'thumb_lifted';
  return kind.what;
}

/** Whether several marks in one place are all the same. @param {Mark[]} marks */
export function alike([first, ...others]) {
  return others.every((mark) => first && lookOf(mark) === lookOf(first) && signOf(mark.kind) === signOf(first.kind));
}

/**
 * The whole timeline, for a paper of this width.
 * @param {Transcript} transcript @param {number} width
 * @returns {Drawing[]}
 */
export function drawings({ timeline, entries }, width) {
  const room = Math.max(width - GUTTER - RIGHT, 120);
  const perStrip = Math.max(Math.floor(room / APART) * (room < 400 ? 1.8 : 1.2), 8);
  const total = timeline.to - timeline.from;
  const cut = strips(total, timeline.marks.length, perStrip);
  // One label of the axis needs some 48 units.
  const step = roundUp(Math.ceil((cut[0]?.length ?? SECOND) / Math.max(Math.floor(room / 64), 2)));
  const flags = entries.flatMap(({ recorded, note }) => {
    const seq = recorded.about ?? note?.about;
    const about = seq === undefined ? undefined : entries[seq - 1];
    return about && seq !== undefined ? [{ seq, at: about.recorded.at - timeline.from }] : [];
  });
  return cut.map((strip, index) => {
    const last = index === cut.length - 1;
    return draw(timeline, { ...strip, step }, last, flags, room);
  });
}

/**
 * @param {Timeline} timeline @param {Strip} strip @param {boolean} last
 * @param {{ seq: number, at: number }[]} flags @param {number} room
 * @returns {Drawing}
 */
function draw(timeline, strip, last, flags, room) {
  const x = (/** @type {number} */ at) => GUTTER + (Math.min(Math.max(at - strip.from, 0), strip.length) / strip.length) * room;
  const has = (/** @type {number} */ at) => at >= strip.from && (at < strip.to || (last && at >= strip.to));
  const clip = (/** @type {{ from: number, to: number | null }} */ band) => {
    const from = Math.max(band.from - timeline.from, strip.from);
    const to = Math.min((band.to ?? timeline.to) - timeline.from, strip.to);
    // A hold of an instant is still to be seen.
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
    const mine = timeline.marks.filter((mark) => mark.by === by && has(mark.at - timeline.from));
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
 * All of the time in one line: where the strips lie in it, the session's bands, and the stops.
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

/** Which entries a filter shows. @typedef {'all' | 'people' | 'cues' | 'holds' | 'notes'} Filter */

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
      return what === 'cue' || what === 'thumb';
    case 'holds':
      return tintOf({ outcome }) !== null || (what === 'ended' && outcome.result === 'taken');
    case 'notes':
      return what === 'noted';
  }
}

/** What an entry did to the session: held it, or made it live.
 * @param {Pick<Transcript['entries'][number], 'outcome'>} entry */
export function tintOf({ outcome: { hold, within, live } }) {
  if (live) return 'live';
  return (hold && hold.reason !== 'start') || within !== undefined ? 'held' : null;
}
