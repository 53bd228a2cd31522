//! Replays histories of a device's machine that Rust recorded: `node histories.mjs FILE...`, one JSON object
//! per line. It ends at the first difference.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { relive } from './relive.mjs';

const files = process.argv.slice(2);
if (files.length === 0) throw new Error('node histories.mjs FILE...');
let histories = 0;
let steps = 0;
for (const file of files) {
  let here = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const history = JSON.parse(line);
    try {
      relive(history);
    } catch (error) {
      console.error(`${history.about}: the page's machine does something else (its own is "actual")`);
      throw error;
    }
    here += 1;
    steps += history.steps.length;
  }
  if (here === 0) throw new Error(`${file} has no history in it`);
  histories += here;
}
console.log(`${histories} histories with ${steps} steps: both machines say the same`);
