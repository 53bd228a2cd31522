//! Types that only the web client's machine needs. Its other types are in protocol.d.ts.

import type { Clock, DeviceLink } from '../protocol.d.ts';

/** The state of the connection. `down` waits to connect again, but not while the page is hidden.
 * `greeting` waits for the welcome. `closed` is final. */
export type Conn =
  | { at: 'idle' }
  | { at: 'down'; retryAt: number }
  | { at: 'connecting'; since: number }
  | { at: 'greeting'; since: number }
  | { at: 'up' }
  | { at: 'closed'; link: DeviceLink };

/** A moment on this device's clock, with the relay's clock as estimated at that moment. */
export type Moment = { at: number; clock: Clock | null };
