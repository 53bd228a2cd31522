//! Replays the scenarios that Rust recorded in shared/vectors through link.js: both machines must
//! say the same, step for step.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Link } from '../link.js';

const folder = new URL('../../../shared/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const AT_LEAST = 60;

test(`there are at least ${AT_LEAST} scenarios`, () => {
  assert.ok(files.length >= AT_LEAST, `only ${files.length} in shared/vectors`);
});

for (const name of files) {
  const { about, hello, steps } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  test(`${name}: ${about}`, () => {
    const link = new Link(hello);
    for (const [n, { at, input, effects, view, deadline }] of steps.entries()) {
      const where = `step ${n}: ${JSON.stringify(input).slice(0, 200)}`;
      assert.deepStrictEqual(link.step(at, input), effects, `effects of ${where}`);
      assert.deepStrictEqual(link.view(at), view, `view after ${where}`);
      assert.deepStrictEqual(link.deadline(at), deadline ?? null, `deadline after ${where}`);
    }
  });
}
