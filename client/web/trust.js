//! Notices when this device trusts the relay, and then goes on to its secure page. The relay's page
//! works without it: it has links to everything.

/** How often the relay is asked by https, in milliseconds. */
const ASK_MS = 2_000;

const state = document.getElementById('state');
const secure = document.getElementById('secure');
const plain = document.getElementById('plain');

/** Whether an answer of the relay comes by https. What it says cannot be read here, and need not be. */
async function isTrusted() {
  try {
    const asked = new URL('/healthz', secureOrigin());
    await fetch(asked, { mode: 'no-cors', cache: 'no-store', credentials: 'omit' });
    return true;
  } catch {
    return false;
  }
}

function secureOrigin() {
  const url = new URL(location.href);
  url.protocol = 'https:';
  return url.origin;
}

async function watch() {
  // While the person is in the settings nothing is asked.
  if (document.visibilityState === 'visible' && (await isTrusted())) {
    if (state !== null) {
      state.dataset.kind = 'done';
      state.textContent = state.dataset.opens ?? '';
    }
    location.replace(`${secureOrigin()}/${location.hash}`);
    return;
  }
  setTimeout(watch, ASK_MS);
}

// An invitation that led here goes on with the person.
for (const link of [secure, plain]) {
  if (link instanceof HTMLAnchorElement && location.hash !== '') {
    link.hash = location.hash;
  }
}
if (location.protocol === 'http:') {
  void watch();
}
