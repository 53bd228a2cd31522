//! Compares what survived with the list of what may: survivors.mjs REPORT LIST.

import { readFileSync } from 'node:fs';

const [report, list] = process.argv.slice(2);
if (!report || !list) throw new Error('survivors.mjs REPORT LIST');

/** Lines of code move, so a mutant is known by its file, what was changed and the line it was on. */
const explained = new Map(
  readFileSync(list, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line, 0]),
);

/** What stands between two places of a text; lines and columns count from 1. */
function between(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join(' ').replace(/\s+/g, ' ');
}

const counts = new Map();
let bad = 0;
for (const [file, { source, mutants }] of Object.entries(JSON.parse(readFileSync(report, 'utf8')).files)) {
  for (const { status, replacement, location } of mutants) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
    if (status === 'Killed' || status === 'Timeout') continue;
    const on = source.split('\n')[location.start.line - 1]?.trim();
    const name = `${file}: ${between(source, location)} -> ${(replacement ?? '').replace(/\s+/g, ' ')} | ${on}`;
    if (explained.has(name)) {
      explained.set(name, explained.get(name) + 1);
      continue;
    }
    bad += 1;
    console.log(`NOT CAUGHT, NOT EXPLAINED: ${name} (${status}, line ${location.start.line})`);
  }
}
const caught = (counts.get('Killed') ?? 0) + (counts.get('Timeout') ?? 0);
const known = [...explained.values()].reduce((sum, n) => sum + n, 0);
for (const [name, n] of explained) {
  if (n === 0) console.log(`explained, and not among those that were tried or survived: ${name}`);
}
console.log(`${caught} caught, ${known} survive and are explained, ${bad} survive`);
process.exitCode = bad === 0 ? 0 : 1;
