//! The module that makes each screen, and the title of the window for each.

import { t } from '../i18n/index.js';
import { end } from './end.js';
import { held } from './held.js';
import { join } from './join.js';
import { liveHelper } from './live-helper.js';
import { liveReceiver } from './live-receiver.js';
import { lost, superseded } from './lost.js';
import { pair } from './pair.js';
import { rehearse } from './rehearse.js';
import { review } from '../history/view/review.js';
import { setup } from './setup.js';
import { start } from './start.js';

/** @import { Role } from '../device/protocol.d.ts' */
/** @import { Act, Screen, ScreenName } from './types.d.ts' */

/** @type {Record<ScreenName, (act: Act, role: Role) => Screen>} */
export const screens = {
  start,
  join,
  pair,
  setup,
  rehearse,
  live: (act, role) => (role === 'helper' ? liveHelper(act) : liveReceiver(act)),
  held,
  lost,
  superseded,
  end,
  review,
};

/** @param {ScreenName} name */
export function titleOf(name) {
  switch (name) {
    case 'live':
      return t('live_title');
    case 'held':
      return t('held_do_start');
    case 'lost':
      return t('lost_title');
    case 'review':
      return t('past_title');
    default:
      return t('idea');
  }
}
