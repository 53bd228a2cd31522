//! The service worker. It stores the page itself (markup, script, style, icon), so that an installed page
//! starts at once and can report that no relay answers. No session data passes through it: it answers only
//! for the page and for addresses of its own version.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** The prefix of the names of this page's caches. The version follows it. */
const NAME = 'tapcue-';
const OWN = `${NAME}${VERSION}`;
/** Addresses below this always belong to this version. */
const BELOW = `/v/${VERSION}/`;
const PAGE = `${BELOW}index.html`;
/** A lock that every page in a session holds in shared mode: client/web/update.js. */
const SESSION_LOCK = 'tapcue.session';

worker.addEventListener('install', (event) => {
  // For an address without a version, the browser's own cache may hold the previous version.
  const fresh = SHELL.map((address) => new Request(address, { cache: address.startsWith(BELOW) ? 'default' : 'reload' }));
  event.waitUntil(caches.open(OWN).then((cache) => cache.addAll(fresh)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(takeOver());
  // The relay does not speak the page's protocol, so no session of the page can continue.
  if (event.data === 'take over now') event.waitUntil(worker.skipWaiting());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') {
    if (pathname === '/') event.respondWith(kept(PAGE, request));
  } else if (SHELL.includes(pathname)) {
    event.respondWith(kept(pathname, request));
  } else if (pathname.startsWith(BELOW)) {
    event.respondWith(kept(pathname, request, event));
  }
});

/** The stored answer for an address, or else the relay's answer. With an event the relay's answer is stored,
 * so that a resource that not every start needs is stored at its first use.
 * @param {string} address @param {Request} request @param {FetchEvent} [keeping] */
async function kept(address, request, keeping) {
  const cache = await caches.open(OWN);
  const known = await cache.match(address);
  if (known) return known;
  const answer = await fetch(request);
  if (keeping && answer.ok) keeping.waitUntil(cache.put(address, answer.clone()));
  return answer;
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(NAME) && name !== OWN).map((name) => caches.delete(name)));
}

/** Takes over every page, unless one of them is in a session. */
async function takeOver() {
  const { held = [] } = await navigator.locks.query();
  if (!held.some(({ name }) => name === SESSION_LOCK)) await worker.skipWaiting();
}
