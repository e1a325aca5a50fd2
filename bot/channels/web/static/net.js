// @ts-check
// Requests to the own server, and waiting that ends early when the network comes back.

/** @type {Set<() => void>} */
const sleepers = new Set();

/** @param {number} ms @returns {Promise<void>} done after `ms`, or at once on `wake()` */
export function pause(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      sleepers.delete(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    sleepers.add(done);
  });
}

/** Wait as long as the server asked for, whatever happens. @param {number} ms */
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** End every pause: there may be a network again. */
export function wake() {
  for (const done of [...sleepers]) done();
}

/** How long to wait before try number `failures + 1`; spread out, so that not all come at once.
 * @param {number} failures */
export function backoff(failures) {
  return Math.min(15_000, 1000 * 2 ** Math.min(failures, 4)) * (0.75 + Math.random() / 2);
}

/**
 * POST JSON. Rejects when there is no answer within 20 seconds.
 * @param {string} path @param {object} body
 * @returns {Promise<{status: number, data: Record<string, unknown>, retryAfter: number}>}
 */
export async function post(path, body) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 20_000);
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: abort.signal,
    });
    const data = await response.json().catch(() => ({}));
    const retryAfter = Number(response.headers.get('Retry-After')) || 0;
    return { status: response.status, data: data ?? {}, retryAfter };
  } finally {
    clearTimeout(timer);
  }
}
