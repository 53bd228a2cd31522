//! Some of the random histories that the Rust machine had, for the page's machine to relive: all of them
//! would take long, once for each mutant. `run` puts both where they lie for this.

import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { relive } from './relive.mjs';

const histories = readFileSync(new URL('../../../histories.jsonl', import.meta.url), 'utf8').split('\n').filter(Boolean);

test(`${histories.length} random histories`, () => {
  for (const history of histories) relive(JSON.parse(history));
});
