//! Detects when this device trusts the relay, and then opens the relay's https page. The page works without
//! this script, because it has links to everything.

/** How often the relay is asked over https, in milliseconds. */
const ASK_MS = 2_000;

const state = document.getElementById('state');
const secure = document.getElementById('secure');
const plain = document.getElementById('plain');

/** Whether the relay answers over https. This page cannot read the answer and does not need it. */
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
  // A hidden page does not ask, for example while the person is in the settings.
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

// The links pass on an invitation that led here.
for (const link of [secure, plain]) {
  if (link instanceof HTMLAnchorElement && location.hash !== '') {
    link.hash = location.hash;
  }
}
if (location.protocol === 'http:') {
  void watch();
}
