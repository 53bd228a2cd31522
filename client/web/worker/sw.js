//! The service worker: keeps the page itself (markup, script, style, icon), so that an installed page
//! starts at once and says what is so when no relay answers. Nothing of a session passes through it:
//! it answers for addresses of its own version and for the page, and for nothing else.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Caches of ours are named by their version. */
const NAME = 'tapcue-';
const OWN = `${NAME}${VERSION}`;
/** Addresses below this are of this version for good. */
const BELOW = `/v/${VERSION}/`;
const PAGE = `${BELOW}index.html`;
/** Held, shared, by every page that is in a session: client/web/update.js. */
const SESSION_LOCK = 'tapcue.session';

worker.addEventListener('install', (event) => {
  // What stays under one address may be in the browser's own cache from the version before.
  const fresh = SHELL.map((address) => new Request(address, { cache: address.startsWith(BELOW) ? 'default' : 'reload' }));
  event.waitUntil(caches.open(OWN).then((cache) => cache.addAll(fresh)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(takeOver());
  // The page speaks a protocol that the relay does not: no session of it can go on.
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

/** What is kept under an address, or else what the relay answers. With an event this is kept from
 * now on: what not every start needs is kept from its first use.
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

/** Becomes the worker of every page, unless one of them is in a session. */
async function takeOver() {
  const { held = [] } = await navigator.locks.query();
  if (!held.some(({ name }) => name === SESSION_LOCK)) await worker.skipWaiting();
}
