//! The marks in a lane of the timeline: their positions and their signs. Pure: no DOM. The relay's HTML
//! export places marks by the same rules (shared/transcript/src/strips.rs).

/** @import { Mark } from './transcript.d.ts' */

/** @typedef {{ x: number, row: number, marks: Mark[] }} Placed */

/** The side of a mark, in units of the drawing, which are CSS pixels. */
export const SIDE = 20;
/** The least distance between the middles of two marks. */
export const APART = SIDE + 4;
/** The most rows of marks in a lane. */
const ROWS = 3;
/** The greatest distance at which a "seen" joins another "seen". */
const NEAR = 3 * APART;

/**
 * Places the marks of a lane at their positions. No mark covers another, and stops are not mixed with other
 * marks. A mark without room goes to a lower row; if all rows are full, it shares the place of another. A
 * "seen" follows almost every cue, so it takes the room that is left. Each mark is compared only with those
 * around it, so the time grows linearly with the number of marks.
 * @param {{ x: number, mark: Mark }[]} marks
 * @returns {Placed[]} In the order of time.
 */
export function place(marks) {
  const lane = new Lane();
  /** @type {Record<Turn, typeof marks>} */
  const turns = { stop: [], other: [], seen: [] };
  for (const one of marks) turns[turnOf(one.mark)].push(one);
  for (const turn of /** @type {Turn[]} */ (Object.keys(turns))) {
    for (const { x, mark } of turns[turn]) lane.put(x, mark, turn);
  }
  return lane.placed.sort((one, two) => one.x - two.x || one.row - two.row);
}

/** @typedef {'stop' | 'other' | 'seen'} Turn When a mark is placed. */
/** @typedef {{ placed: Placed, turn: Turn, order: number }} Stood A place, with its mark's turn and order. */

/** The marks of a lane, indexed by their position. */
class Lane {
  /** @type {Placed[]} */
  placed = [];
  /** The number of rows in use. */
  #rows = 0;
  /** The places in each stretch of `APART`, at most one per row. @type {Map<number, Stood[]>} */
  #stretches = new Map();
  /** The first and the last stretch with a place. */
  #ends = { first: Infinity, last: -Infinity };

  /** @param {number} x @param {Mark} mark @param {Turn} turn */
  put(x, mark, turn) {
    const rows = turn === 'seen' ? Math.max(1, this.#rows) : ROWS;
    for (let row = 0; row < rows; row += 1) {
      if (this.#isFree(x, row)) {
        this.#add({ x, row, marks: [mark] }, turn);
        return;
      }
    }
    const like = turn === 'seen' ? this.#nearest(x, ['seen'], NEAR) : null;
    if (like) {
      like.marks.push(mark);
      return;
    }
    if (rows < ROWS) {
      this.#add({ x, row: rows, marks: [mark] }, turn);
      return;
    }
    // Stops are placed first, so a stop that finds all rows full finds another stop.
    this.#nearest(x, turn === 'stop' ? ['stop'] : ['other', 'seen'])?.marks.push(mark);
  }

  /** @param {Placed} placed @param {Turn} turn */
  #add(placed, turn) {
    const stretch = stretchOf(placed.x);
    const here = this.#stretches.get(stretch) ?? [];
    here.push({ placed, turn, order: this.placed.length });
    this.#stretches.set(stretch, here);
    this.#ends = { first: Math.min(this.#ends.first, stretch), last: Math.max(this.#ends.last, stretch) };
    this.#rows = Math.max(this.#rows, placed.row + 1);
    this.placed.push(placed);
  }

  /** Whether a mark at `x` has room in this row. @param {number} x @param {number} row */
  #isFree(x, row) {
    const middle = stretchOf(x);
    for (let stretch = middle - 1; stretch <= middle + 1; stretch += 1) {
      for (const { placed } of this.#stretches.get(stretch) ?? []) {
        if (placed.row === row && Math.abs(placed.x - x) < APART) return false;
      }
    }
    return true;
  }

  /** The nearest place of such marks that is nearer than `within`. Of two equally near places, the one that
   * was taken first. @param {number} x @param {Turn[]} turns @param {number} [within] */
  #nearest(x, turns, within = Infinity) {
    const middle = stretchOf(x);
    const furthest = Math.max(this.#ends.last - middle, middle - this.#ends.first);
    /** @type {Stood | null} */
    let nearest = null;
    for (let away = 0; away <= furthest; away += 1) {
      // Every place at least `away` stretches away is further than `(away - 1) * APART`.
      const far = nearest ? Math.abs(nearest.placed.x - x) : within;
      if (far < (away - 1) * APART) break;
      for (const stretch of away === 0 ? [middle] : [middle - away, middle + away]) {
        for (const one of this.#stretches.get(stretch) ?? []) {
          if (turns.includes(one.turn) && (!nearest || isNearer(one, nearest, x))) nearest = one;
        }
      }
    }
    return nearest && Math.abs(nearest.placed.x - x) < within ? nearest.placed : null;
  }
}

/** @param {Stood} one @param {Stood} other @param {number} x */
function isNearer(one, other, x) {
  const [far, further] = [Math.abs(one.placed.x - x), Math.abs(other.placed.x - x)];
  return far < further || (far === further && one.order < other.order);
}

/** @param {number} x */
function stretchOf(x) {
  return Math.floor(x / APART);
}

/** @param {Mark} mark @returns {Turn} */
function turnOf(mark) {
  return isStop(mark) ? 'stop' : isSeen(mark) ? 'seen' : 'other';
}

/** Whether the mark is a "seen" that was taken. @param {Mark} mark */
function isSeen({ kind, result }) {
  return kind.what === 'seen' && result === 'taken';
}

/** Whether the mark is a stop that was taken, or a lifted thumb. @param {Mark} mark */
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

/** Whether all marks in one place look the same. @param {Mark[]} marks */
export function alike([first, ...others]) {
  return others.every((mark) => first && lookOf(mark) === lookOf(first) && signOf(mark.kind) === signOf(first.kind));
}
