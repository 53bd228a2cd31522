//! What the relay's close codes and error codes mean for a device.

import { close } from '../limits.js';

/** @import { DeviceLink, ErrorCode, HoldReason } from '../protocol.d.ts' */

/** Whether a person caused the hold, by a tap or by lifting the thumb. @param {HoldReason} reason */
export function isStop(reason) {
  return reason === 'stop' || reason === 'released';
}

/** @param {number} code @returns {DeviceLink | null} */
export function linkOfClose(code) {
  switch (code) {
    case close.SUPERSEDED:
      return 'superseded';
    case close.ENDED:
    case close.DELETED:
      return 'over';
    case close.BAD_TOKEN:
      return 'refused';
    default:
      return null;
  }
}

/** @param {ErrorCode} code @param {boolean} up @returns {DeviceLink | null} */
export function linkOfError(code, up) {
  switch (code) {
    case 'superseded':
      return 'superseded';
    case 'ended':
    case 'deleted':
      return 'over';
    case 'unknown_code':
    case 'taken':
    case 'bad_token':
      return 'refused';
    case 'bad_message':
      // A hello that the relay cannot read is refused again at every attempt.
      return up ? null : 'refused';
    default:
      return null;
  }
}
