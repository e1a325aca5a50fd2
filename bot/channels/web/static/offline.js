// @ts-check
// What stays on this phone besides the transcript, for when there is no network: the page itself,
// and the guides that were opened. Where the browser keeps nothing, all goes on without.

const OURS = 'congdanso-';
const GUIDES = 'congdanso-guides';
const DAY = 24 * 3600 * 1000;
/** Buttons under what a guide says: what they do, and whose they are. */
const OF_GUIDE = /^(?:next|case|ready|reask):([a-z0-9_]+)/;

/** @returns {CacheStorage | null} null where there is none, as on a page without https */
const kept = () => ('caches' in window ? window.caches : null);

/** Keep the page for the next time. A newer one waiting takes over now: this page has all it needs. */
export async function install() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const known = await workers.register('/sw.js', { updateViaCache: 'none' });
  known.waiting?.postMessage('take over');
  await refresh();
}

/** Keep the guide that a message belongs to, all of it, not only the steps shown so far.
 * @param {{choices: {id: string}[]}} message */
export async function keepGuide({ choices }) {
  const id = choices.map((choice) => OF_GUIDE.exec(choice.id)?.[1]).find(Boolean);
  const cache = id ? await kept()?.open(GUIDES) : undefined;
  if (!cache || (await cache.match(`/huong-dan/${id}`))) return;
  await take(cache, `/huong-dan/${id}`);
}

/** Guides kept for more than a day: have they changed, or been withdrawn? */
async function refresh() {
  const cache = await kept()?.open(GUIDES);
  for (const request of (await cache?.keys()) ?? []) {
    const known = await cache?.match(request);
    const since = Date.parse(known?.headers.get('Date') ?? '') || 0;
    if (cache && Date.now() - since > DAY) await take(cache, new URL(request.url).pathname);
  }
}

/** @param {Cache} cache @param {string} path */
async function take(cache, path) {
  const answer = await fetch(path, { cache: 'no-cache' });
  if (answer.ok) await cache.put(path, answer);
  else if (answer.status === 404) await cache.delete(path);
}

/** The guides on this phone. @returns {Promise<{path: string, title: string}[]>} */
export async function guides() {
  const found = [];
  const cache = await kept()?.open(GUIDES);
  for (const request of (await cache?.keys()) ?? []) {
    const html = (await (await cache?.match(request))?.text()) ?? '';
    const title = new DOMParser().parseFromString(html, 'text/html').title;
    found.push({ path: new URL(request.url).pathname, title });
  }
  return found;
}

/** Guides and pictures of another conversation are nobody's business. */
export async function dropRead() {
  await Promise.all([GUIDES, 'congdanso-pictures'].map((name) => kept()?.delete(name)));
}

/** Nothing stays on this phone. */
export async function dropAll() {
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) {
    await worker.unregister();
  }
  for (const name of (await kept()?.keys()) ?? []) {
    if (name.startsWith(OURS)) await kept()?.delete(name);
  }
}
