//! Rapid changes do not make the screen flash, and urgent colours are shown at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { calm } from '../output/calm.js';

/** All colours except those of a hold. */
const COLOURS = ['go', 'slow', 'more', 'stay', 'dir', 'ask'];

test('what is more urgent is shown at once, whatever was shown before', () => {
  const colours = calm();
  for (let now = 0; now < 200; now += 10) {
    for (const calmer of COLOURS) colours.shows(calmer, now);
    assert.match(colours.shows('slow', now), /slow|stop/);
    assert.equal(colours.shows('stop', now), 'stop');
  }
});

test('what people do is shown at once', () => {
  const colours = calm();
  for (const [now, colour] of [[0, 'go'], [100, 'slow'], [800, 'go'], [1_200, 'more'], [1_700, 'dir'], [2_000, 'go']]) {
    assert.equal(colours.shows(colour, now), colour);
  }
});

test('no second has more than three flashes, and the last colour comes', () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const colours = calm();
    let chance = seed;
    const random = () => (chance = (chance * 48_271) % 2_147_483_647) / 2_147_483_647;
    /** @type {{ at: number, colour: string }[]} */
    const seen = [];
    let wanted = 'go';
    for (let now = 0; now < 5_000; now += 16) {
      if (random() < 0.6) wanted = COLOURS[Math.floor(random() * COLOURS.length)];
      const colour = colours.shows(wanted, now);
      if (seen.at(-1)?.colour !== colour) seen.push({ at: now, colour });
    }
    // A flash is a change and its return: to amber, which is urgent, or to any other colour.
    const back = seen.filter(({ colour }, n) => n > 0 && (colour !== 'slow' || seen[n - 1]?.colour === 'slow'));
    for (const { at } of back) {
      const flashes = back.filter((one) => one.at >= at && one.at < at + 1_000).length;
      assert.ok(flashes <= 3, `seed ${seed}: ${flashes} flashes in a second from ${at}`);
    }
    assert.equal(colours.shows(wanted, 6_100), wanted);
  }
});
