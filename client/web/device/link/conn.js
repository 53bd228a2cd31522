//! The next time at which a connection has something to do without input.

import * as limits from '../limits.js';

/** @import { Limits } from '../protocol.d.ts' */
/** @import { Conn } from './types.d.ts' */

/**
 * @param {number} now
 * @param {Conn} conn
 * @param {{ limits: Limits, lastWord: number, nextBeat: number | null }} known `nextBeat` is null
 *   while the page is hidden: it sends no heartbeat and does not connect.
 * @returns {number | null}
 */
export function connDeadline(now, conn, { limits: { late_after_ms, lost_after_ms }, lastWord, nextBeat }) {
  switch (conn.at) {
    case 'idle':
    case 'closed':
      return null;
    case 'down':
      return nextBeat === null ? null : conn.retryAt;
    case 'connecting':
    case 'greeting':
      return conn.since + limits.CONNECT_TIMEOUT_MS;
    case 'up': {
      const late = lastWord + late_after_ms;
      const watch = late > now ? late : lastWord + lost_after_ms;
      return nextBeat === null ? watch : Math.min(watch, nextBeat);
    }
  }
}
