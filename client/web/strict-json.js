//! JSON in which no name stands twice in an object: what one reader takes from such a file, another
//! may not.

/** One token that matters: a string, or a sign of structure. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

/**
 * The value of a text; undefined if it is not JSON, or a name stands twice.
 * @param {string} text
 * @returns {unknown}
 */
export function strictJson(text) {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let value;
  try {
    value = JSON.parse(plain);
  } catch {
    return undefined;
  }
  return namesAreOnce(plain) ? value : undefined;
}

/** Of a text that is JSON. @param {string} text */
function namesAreOnce(text) {
  /** The names of each open object; null for a list. @type {(Set<string> | null)[]} */
  const open = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const names = open.at(-1);
      const name = previous.includes('\\') ? JSON.parse(previous) : previous.slice(1, -1);
      if (names?.has(name)) return false;
      names?.add(name);
    }
    previous = token;
  }
  return true;
}
