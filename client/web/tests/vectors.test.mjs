//! Replays the scenarios that Rust recorded in shared/vectors through link.js. Both machines must produce the
//! same output at every step.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { relive } from './relive.mjs';

const folder = new URL('../../../shared/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const AT_LEAST = 60;

test(`there are at least ${AT_LEAST} scenarios`, () => {
  assert.ok(files.length >= AT_LEAST, `only ${files.length} in shared/vectors`);
});

for (const name of files) {
  const history = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  test(`${name}: ${history.about}`, () => {
    relive(history);
  });
}

test('the machine tells whose it is and what it took last', () => {
  const link = relive(JSON.parse(readFileSync(new URL('helper_from_join_to_live.json', folder), 'utf8')));
  assert.equal(link.role, 'helper');
  assert.equal(link.state?.phase, 'live');
});
