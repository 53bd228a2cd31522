//! Gives a device's machine the inputs of the Rust machine, and compares all outputs.

import assert from 'node:assert/strict';

import { Link } from '../device/link.js';

/**
 * `before`, if present, is the view at this time before the machine was told that time had passed.
 * @typedef {{ at: number, before?: object, input: object, effects: object[], view: object, deadline?: number | null }} Step
 */

/** @param {{ hello: object, steps: Step[] }} history @returns {Link} as it is at the end */
export function relive({ hello, steps }) {
  const link = new Link(hello);
  for (const [n, { at, before, input, effects, view, deadline }] of steps.entries()) {
    const where = `step ${n}: ${JSON.stringify(input).slice(0, 200)}`;
    if (before) assert.deepStrictEqual(link.view(at), before, `view before ${where}`);
    assert.deepStrictEqual(link.step(at, input), effects, `effects of ${where}`);
    assert.deepStrictEqual(link.view(at), view, `view after ${where}`);
    assert.deepStrictEqual(link.deadline(at), deadline ?? null, `deadline after ${where}`);
  }
  return link;
}
