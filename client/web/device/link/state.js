/** The defaults of the fields that a state leaves out. Source: docs/protocol.md, "The state". */

/** @import { State } from '../protocol.d.ts' */

const SHOWN = { tapped_at: null, shown: null, acknowledged: null };

const HOLD = { by: null, tapped_at: null, shown: null, acknowledged: false };

const CHECK_IN = { by: null, again: false, shown: null };

const ENDED = {
  by: null,
  stop_shown: null,
  stop_acknowledged: null,
  tap_shown: null,
  tap_acknowledged: null,
};

/** @template T, D @param {D} defaults @param {T | null | undefined} value @returns {T | null} */
const filled = (defaults, value) => (value ? { ...defaults, ...value } : null);

/** The state with all its fields.
 * @param {Partial<State> & Pick<State, 'seq' | 'epoch' | 'phase' | 'peers'>} state @returns {State} */
export const whole = (state) => ({
  ready: { receiver: false, helper: false },
  ready_expired: { receiver: false, helper: false },
  thumb: false,
  names: { receiver: null, helper: null },
  rehearsed: false,
  still_holding: null,
  live_since: null,
  ...state,
  confirmed: {
    receiver: false,
    helper: false,
    warning_signs: null,
    cleared: false,
    ...state.confirmed,
  },
  hold: filled(HOLD, state.hold),
  cue: filled(SHOWN, state.cue),
  earlier: (state.earlier ?? []).map((cue) => ({ ...SHOWN, ...cue })),
  check_in: filled(CHECK_IN, state.check_in),
  ended: filled(ENDED, state.ended),
});
