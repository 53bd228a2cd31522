//! Reads JSON and rejects duplicate names in an object, because readers differ in which one they use.

/** A token that matters here: a string or a structural character. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

/**
 * The value of a text; undefined if it is not JSON or an object has a duplicate name.
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

/** Whether no object has a duplicate name. The text must be JSON. @param {string} text */
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
