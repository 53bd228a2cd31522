//! The layers of the page: an import points down, never up, and so never in a circle.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** The folders, the lowest layer first. */
const LAYERS = ['device', 'i18n', 'ui', 'input', 'output', 'history', 'screens', 'main.js'];
const WEB = new URL('..', import.meta.url);

const layer = (url) => LAYERS.indexOf(url.href.slice(WEB.href.length).split('/')[0] ?? '');

test('an import points to its own layer or to a lower one', () => {
  const files = readdirSync(WEB, { recursive: true }).map(String).filter((name) => name.endsWith('.js'));
  let seen = 0;
  for (const file of files.map((name) => new URL(name, WEB)).filter((file) => layer(file) >= 0)) {
    const source = readFileSync(file, 'utf8').replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, '');
    for (const [, fixed, loaded] of source.matchAll(/\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g)) {
      const target = new URL(fixed ?? loaded ?? '', file);
      assert.ok(layer(target) <= layer(file), `${file.href} imports ${target.href}`);
      seen += 1;
    }
  }
  assert.ok(seen > 200, String(seen));
});

test('every file that a module names is there', () => {
  const files = readdirSync(WEB, { recursive: true }).map(String).filter((name) => name.endsWith('.js'));
  let seen = 0;
  for (const file of files.map((name) => new URL(name, WEB)).filter((file) => layer(file) >= 0)) {
    const source = readFileSync(file, 'utf8');
    for (const [, named] of source.matchAll(/'([^'\s]+\.(?:css|svg|png|js|html|webmanifest|json))'/g)) {
      // A relative import is resolved from its module, any other address from the page. The relay makes `/sw.js`.
      const target = named.startsWith('.') ? new URL(named, file) : new URL(named.replace(/^\//, ''), WEB);
      if (named === '/sw.js') continue;
      const generated = target.pathname.includes('/i18n/');
      assert.ok(generated || existsSync(target), `${file.href} names ${named}`);
      seen += 1;
    }
  }
  assert.ok(seen > 200, String(seen));
});
