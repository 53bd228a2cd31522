//! Sessions as a page sees them, for tests of what it shows.

export const HOLD = { id: 'h', reason: 'start', by: null, since: 0, shown: null, acknowledged: false, count: 0 };
const OPTIONS = { rehearsal: true, setup: true, check_in_every_s: 90, hold_to_consent: false, keep: '30d' };

/** A session that is set up, rehearsed and waiting for ready. */
export function session(role, { state = {}, view = {}, options = {}, ...rest } = {}) {
  return {
    now: 0,
    relayNow: 0,
    role,
    state: {
      seq: 1,
      epoch: 1,
      phase: 'held',
      hold: HOLD,
      ready: { receiver: false, helper: false },
      peers: { receiver: 'here', helper: 'here' },
      names: { receiver: null, helper: null },
      rehearsed: true,
      confirmed: { receiver: true, helper: true, warning_signs: false, cleared: false },
      cue: null,
      earlier: [],
      check_in: null,
      live_since: null,
      ended: null,
      ...state,
    },
    view: { link: 'here', go: false, stopped: false, lamp: null, alarm: null, round_trip_ms: 3, ...view },
    welcome: { options: { ...OPTIONS, ...options } },
    pairing: null,
    error: null,
    beenLive: false,
    attempts: 1,
    resuming: false,
    freshUntil: 0,
    ...rest,
  };
}

export const LIVE = { state: { phase: 'live', hold: null }, view: { go: true } };
