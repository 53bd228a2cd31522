//! The symbols, drawn as SVG: one for each cue and state, so that no meaning depends on colour.

import { CUES } from '../device/cues.js';

/** @import { Cue } from '../device/protocol.d.ts' */

const SVG = 'http://www.w3.org/2000/svg';

/** The symbols that are not of cues: strokes on a square of 46 units; a path that begins with `!` is filled. */
const PATHS = {
  held: [
    'M17 22V9.5M23 21V6.5M29 22V8.5M35 25V13',
    '!M14.5 20h23v9a12 12 0 0 1-12 12h-2c-4.5 0-7.3-1.8-9.8-5.200z',
    'M37.5 20v9a12 12 0 0 1-12 12h-2c-4.5 0-7.3-1.8-9.8-5.200L8 27.500M14.5 20v9',
  ],
  lost: [
    'M18.5 27.500l-4 4a6.6 6.6 0 0 1-9.3-9.300l6-6a6.6 6.6 0 0 1 8.3-.9',
    'M27.5 18.500l4-4a6.6 6.6 0 0 1 9.3 9.300l-6 6a6.6 6.6 0 0 1-8.3.9',
    'M17 5.500v4M6.5 9.500l3 2.800M29 40.500v-4M39.5 36.500l-3-2.8',
  ],
  more: ['!M4 23a4 4 0 1 0 8 0a4 4 0 1 0-8 0M19 23a4 4 0 1 0 8 0a4 4 0 1 0-8 0M34 23a4 4 0 1 0 8 0a4 4 0 1 0-8 0'],
  close: ['m10 10 26 26M36 10 10 36'],
  pad: ['M10 3h26a5 5 0 0 1 5 5v30a5 5 0 0 1-5 5H10a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5z', '!M17 23a6 6 0 1 0 12 0a6 6 0 1 0-12 0', 'M23 10.500v1M23 34.500v1M11.5 23h1M33.500 23h1'],
  thumb: ['M23 4c-7.500 0-13 5.500-13 13v12c0 7.500 5.500 13 13 13s13-5.500 13-13V17c0-7.500-5.500-13-13-13z', 'M16.500 31V18a6.500 6.500 0 0 1 13 0v13', 'M23 18v15'],
  receive: ['!M3.5 23a5 5 0 1 0 10 0a5 5 0 1 0-10 0', 'M19 25h12l11 3', 'M4 37h38'],
  help: ['!M18 7a5 5 0 1 0 10 0a5 5 0 1 0-10 0', 'M23 18v9M23 18l-9 4-4 9M23 18l9 4 4 9M23 27l-6 15M23 27l6 15'],
  join: ['M6 16V6h10M30 6h10v10M40 30v10H30M16 40H6V30', 'M15 23h16'],
  warning: ['M23 5 43 40H3z', 'M23 18v9M23 33.500v.1'],
  back: ['M29 8 14 23l15 15'],
  globe: ['M23 4a19 19 0 1 1 0 38 19 19 0 0 1 0-38z', 'M23 4c-11 10-11 28 0 38M23 4c11 10 11 28 0 38M5 17h36M5 29h36'],
  // The signs of the timeline that are not cues.
  thumb_down: ['M23 5v20M14 17l9 9 9-9', 'M8 39h30'],
  thumb_lifted: ['M23 28V7M14 15l9-9 9 9', 'M8 39h30'],
  hands_off: ['M18 23H5M12 14 4 23l8 9M28 23h13M34 14l8 9-8 9'],
  seen: ['M4 23c5-9 12-13 19-13s14 4 19 13c-5 9-12 13-19 13S9 32 4 23z', '!M16.5 23a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0'],
  confirmed: ['M8 12l4 4 7-8M8 33l4 4 7-8M26 13h14M26 34h14'],
  joined: ['M23 8v30M8 23h30'],
  connected: ['M38 14A18 18 0 1 0 41 25M39 5v11H28'],
  restarted: ['M26 4 11 26h11l-3 16 16-23H24z'],
  ended: ['!M11 11h24v24H11z'],
  flag: ['!M12 4h24v34l-12-8-12 8z'],
};

/** @typedef {keyof typeof PATHS | Cue} SymbolName */

/** The strokes of every symbol. @type {Record<SymbolName, string[]>} */
const STROKES = { ...PATHS, .../** @type {Record<Cue, string[]>} */ (Object.fromEntries(Object.entries(CUES).map(([cue, { strokes: paths }]) => [cue, paths]))) };

/**
 * A symbol, for the eye only: its word always stands beside it.
 * @param {SymbolName} name
 * @param {string} [className]
 * @returns {SVGSVGElement}
 */
export function symbol(name, className = 'symbol') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', '0 0 46 46');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  draw(svg, name);
  return svg;
}

/**
 * Draws another symbol in place of what was there.
 * @param {SVGSVGElement} svg
 * @param {SymbolName} name
 */
export function draw(svg, name) {
  if (svg.dataset['name'] === name) return;
  svg.dataset['name'] = name;
  svg.replaceChildren(...strokes(name));
}

/**
 * The paths of a symbol, for use in another drawing.
 * @param {SymbolName} name
 */
export function strokes(name) {
  return STROKES[name].map((d) => {
    const path = document.createElementNS(SVG, 'path');
    const filled = d.startsWith('!');
    path.setAttribute('d', filled ? d.slice(1) : d);
    if (filled) path.setAttribute('class', 'filled');
    return path;
  });
}

/**
 * A QR code: black modules on white with the quiet zone of four modules that readers need. It draws both
 * colours itself, so that those of the page and the system do not matter.
 * @param {string} label
 * @returns {{ element: SVGSVGElement, update(modules: string, size: number): void }}
 */
export function qrCode(label) {
  const QUIET = 4;
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'qr');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const paper = document.createElementNS(SVG, 'rect');
  const path = document.createElementNS(SVG, 'path');
  paper.setAttribute('class', 'paper');
  path.setAttribute('class', 'modules');
  svg.append(paper, path);
  let drawn = '';
  return {
    element: svg,
    update(modules, size) {
      if (drawn === modules) return;
      drawn = modules;
      const side = size + 2 * QUIET;
      svg.setAttribute('viewBox', `${-QUIET} ${-QUIET} ${side} ${side}`);
      for (const [name, value] of [['x', -QUIET], ['y', -QUIET], ['width', side], ['height', side]]) paper.setAttribute(String(name), String(value));
      const rows = Array.from({ length: size }, (_, y) => modules.slice(y * size, (y + 1) * size));
      const dark = rows.flatMap((row, y) =>
        Array.from(row.matchAll(/1+/g), ({ 0: run, index: x }) => `M${x} ${y}h${run.length}v1h-${run.length}z`),
      );
      path.setAttribute('d', dark.join(''));
    },
  };
}
