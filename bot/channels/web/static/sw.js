// @ts-check
/// <reference lib="webworker" />
// The service worker: the page opens without a network, and so do guides that were opened before.
// VERSION and FILES stand above this when it is served. What the person says never comes here.

/* global VERSION, FILES */

const SHELL = 'congdanso-shell-';
const GUIDES = 'congdanso-guides';
const PICTURES = 'congdanso-pictures';
const AWAY = '/khi-mat-mang';
const PICTURES_MOST = 80;
const GUIDES_MOST = 40;
const PATIENCE = 4000;

const own = SHELL + VERSION;

self.addEventListener('install', (event) => {
  // The conversation goes past the worker, where the browser can (Chromium from 123 on): a stream
  // that stays open would keep the next version waiting.
  event.addRoutes?.({ condition: { urlPattern: '/chat/*' }, source: 'network' });
  event.waitUntil(keepShell());
});
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('message', (event) => {
  // Said by a page that has all its scripts: nothing it needs is taken away from it.
  if (event.data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const answer = request.mode === 'navigate' ? page(request, pathname) : part(request, pathname);
  if (answer) event.respondWith(answer);
});

/** All files of one version, or none: then the old worker goes on. */
async function keepShell() {
  const answers = await Promise.all(FILES.map((url) => fetch(url, { cache: 'no-cache' })));
  for (const answer of answers) {
    if (!answer.ok || answer.headers.get('X-Shell') !== VERSION) throw new Error('another version');
  }
  const shell = await caches.open(own);
  await Promise.all(answers.map((answer, n) => shell.put(FILES[n], answer)));
}

/** The version before this one stays as well: a page of it may still be loading. */
async function takeOver() {
  const shells = (await caches.keys()).filter((name) => name.startsWith(SHELL) && name !== own);
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** @param {Request} request @param {string} path @returns {Promise<Response> | null} */
function page(request, path) {
  if (path === '/' || path === AWAY) return shell(path, request);
  if (path === '/huong-dan') return fetch(request).catch(() => shell(AWAY, request));
  if (path.startsWith('/huong-dan/')) return guide(request);
  return null;
}

/** @param {Request} request @param {string} path @returns {Promise<Response> | null} */
function part(request, path) {
  if (path.startsWith('/static/')) return file(request, path);
  if (path.startsWith('/the/') || path.startsWith('/alert/')) return picture(request);
  return null;
}

/** @param {string} path @param {Request} request */
async function shell(path, request) {
  return (await (await caches.open(own)).match(path)) ?? fetch(request);
}

/** A file of this version, of the one before, or of whichever there is: a kept guide asks for the
 * style of its day. @param {Request} request @param {string} path */
async function file(request, path) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const name = path.split('/').pop();
  return fetch(request).catch(async () => {
    const current = await caches.match(`/static/${VERSION}/${name}`);
    return current ?? Response.error();
  });
}

/** A guide: as it is now; without a network, or on one too slow, as it was. @param {Request} request */
async function guide(request) {
  const kept = await caches.open(GUIDES);
  const known = await kept.match(request, { ignoreSearch: true });
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok) await keep(kept, request, answer.clone(), GUIDES_MOST);
    else if (answer.status === 404) await kept.delete(request, { ignoreSearch: true });
    return answer;
  });
  if (!known) return fresh.catch(() => shell(AWAY, request));
  const late = new Promise((done) => setTimeout(() => done(known), PATIENCE));
  return Promise.race([fresh.catch(() => known), late]);
}

/** A picture never changes under its address. @param {Request} request */
async function picture(request) {
  const kept = await caches.open(PICTURES);
  const known = await kept.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await keep(kept, request, answer.clone(), PICTURES_MOST);
  return answer;
}

/** @param {Cache} cache @param {Request} request @param {Response} answer @param {number} most */
async function keep(cache, request, answer, most) {
  await cache.put(request, answer);
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - most)).map((old) => cache.delete(old)));
}
