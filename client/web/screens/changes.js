//! What changed between two snapshots of a session, for sounds and screen readers. The relay may skip
//! intermediate states, so this compares snapshots and does not count events.

import { atLeast } from '../device/link/outgoing.js';
import { isStop as isStopReason } from '../device/link/words.js';
import { isStop } from './logic.js';

/** @import { Cue, Lamp } from '../device/protocol.d.ts' */
/** @import { Session } from './types.d.ts' */

/** A mark sounds this many seconds after `stay`: the usual times to hold a stretch. */
export const STAY_MARKS_S = [15, 30];

/**
 * @typedef {{ kind: 'stop' | 'held' | 'lost' | 'back' | 'joined' | 'live' | 'check_in' | 'shown'
 *   | 'acknowledged' | 'hands_off' | 'ended' | 'not_delivered' | 'recorded_again' | 'ready' }
 *   | { kind: 'not_taken', lamp: Lamp }
 *   | { kind: 'cue', cue: Cue } | { kind: 'mark', seconds: number }} Change
 */

/**
 * @param {Session | null} before
 * @param {Session | null} after
 * @returns {Change[]}
 */
export function changes(before, after) {
  if (!before || !after) return [];
  const a = before.state;
  const b = after.state;
  /** @type {Change[]} */
  const found = [];
  if (b.phase === 'ended') return a.phase === 'ended' ? [] : [{ kind: 'ended' }];

  const lost = after.view.link === 'lost';
  if (lost && before.view.link !== 'lost') found.push({ kind: 'lost' });
  if (!lost && before.view.link === 'lost') found.push({ kind: 'back' });
  if (after.view.alarm === 'not_delivered' && before.view.alarm !== 'not_delivered') {
    found.push({ kind: 'not_delivered' });
  }

  if (!lost && before.view.unrecorded && !after.view.unrecorded) found.push({ kind: 'recorded_again' });

  const stopped = isStop(after);
  const stop = a.hold !== null && isStopReason(a.hold.reason) ? a.hold : null;
  const further = stop !== null && (b.hold?.count ?? 0) > stop.count;
  if (stopped && (!isStop(before) || further)) found.push({ kind: 'stop' });
  const held = b.hold !== null && b.hold.reason !== 'start' && b.hold.id !== a.hold?.id;
  if (held && !stopped) found.push({ kind: 'held' });
  if (b.hold?.acknowledged && a.hold?.id === b.hold.id && !a.hold.acknowledged) {
    found.push({ kind: 'hands_off' });
  }

  if (b.ready[after.role] && !(a.ready[after.role] && a.epoch === b.epoch)) found.push({ kind: 'ready' });

  const absent = (/** @type {Session['state']} */ { peers }) =>
    peers.receiver === 'absent' || peers.helper === 'absent';
  if (absent(a) && !absent(b)) found.push({ kind: 'joined' });
  if (b.phase === 'live' && a.phase !== 'live') found.push({ kind: 'live' });
  const asked = b.check_in;
  // Only the receiver's device asks aloud, because two devices that speak at once are hard to understand.
  if (after.role === 'receiver' && asked && (asked.id !== a.check_in?.id || asked.again !== a.check_in.again)) {
    found.push({ kind: 'check_in' });
  }

  const cue = b.cue;
  if (cue && cue.cue !== 'stop' && cue.id !== a.cue?.id && after.role === 'helper') {
    found.push({ kind: 'cue', cue: cue.cue });
  }
  if (cue?.cue === 'stay' && a.cue?.id === cue.id) {
    const passed = (/** @type {number} */ s) =>
      before.relayNow - cue.at < s * 1_000 && after.relayNow - cue.at >= s * 1_000;
    const seconds = STAY_MARKS_S.find(passed);
    if (seconds !== undefined) found.push({ kind: 'mark', seconds });
  }
  const receipt = receiptOf(before, after);
  if (receipt) found.push({ kind: receipt });
  const lamp = after.view.lamp;
  if (lamp && isOff(lamp) && !(before.view.lamp?.id === lamp.id && isOff(before.view.lamp))) {
    found.push({ kind: 'not_taken', lamp });
  }
  return found;
}

/** Whether the other screen will not show this cue. @param {Lamp} lamp */
function isOff({ stage }) {
  return stage === 'refused' || stage === 'expired';
}

/** The receipt that arrived for this device's last cue. @param {Session} before @param {Session} after */
function receiptOf(before, after) {
  const lamp = after.view.lamp;
  if (!lamp || isOff(lamp)) return null;
  const known = before.view.lamp?.id === lamp.id ? before.view.lamp.stage : 'waiting';
  const came = (/** @type {'shown' | 'acknowledged'} */ stage) =>
    atLeast(lamp.stage, stage) && !atLeast(known, stage);
  if (came('acknowledged')) return 'acknowledged';
  return came('shown') ? 'shown' : null;
}
