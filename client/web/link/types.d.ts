//! What only the web client's own machine needs; the rest of its vocabulary is in protocol.d.ts.

import type { Clock, DeviceLink } from '../protocol.d.ts';

/** Where the connection stands. `down` waits to try again (never while hidden), `greeting` waits
 * for the welcome, `closed` is for good. */
export type Conn =
  | { at: 'idle' }
  | { at: 'down'; retryAt: number }
  | { at: 'connecting'; since: number }
  | { at: 'greeting'; since: number }
  | { at: 'up' }
  | { at: 'closed'; link: DeviceLink };

/** A moment of this device, and the relay's clock by the estimate of that moment. */
export type Moment = { at: number; clock: Clock | null };
