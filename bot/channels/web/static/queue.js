// @ts-check
// Sends what the person wrote, in order, one at a time. A message keeps its id over every try, so
// the server counts it once, whichever tab sent it and however often.

import { backoff, pause, post, sleep } from './net.js';

/** @typedef {import('./store.js').OwnMessage} OwnMessage */
/** @typedef {import('./store.js').Store} Store */

const REFUSED = 'Tin này không gửi được. Bác thử gõ lại ngắn hơn.';

export class Queue {
  #running = false;
  #stopped = false;

  /**
   * @param {Store} store
   * @param {{reopen: () => Promise<void>, onSent: (own: OwnMessage) => void,
   *   onRefused: (own: OwnMessage) => void, onStuck: (why: string) => void}} owner
   */
  constructor(store, owner) {
    this.store = store;
    this.owner = owner;
  }

  stop() {
    this.#stopped = true;
  }

  /** Send everything that waits. */
  async flush() {
    if (this.#running) return;
    this.#running = true;
    let failures = 0;
    for (let own = this.#next(); own; own = this.#next()) {
      const wait = await this.#send(own).catch(() => {
        this.owner.onStuck('');
        return 0;
      });
      failures = wait === null ? 0 : failures + 1;
      if (wait) await sleep(wait);
      else if (wait === 0) await pause(backoff(failures - 1));
    }
    this.#running = false;
  }

  #next() {
    return this.#stopped ? undefined : this.store.waiting()[0];
  }

  /** @param {OwnMessage} own @returns {Promise<number | null>} ms until the next try; null: done */
  async #send(own) {
    const { id, text, choice } = own;
    const body = choice ? { id, choice, label: text } : { id, text };
    const answer = await post('/chat/messages', body);
    if (this.#stopped) return null;
    const error = typeof answer.data.error === 'string' ? answer.data.error : '';
    if (answer.status < 300) {
      this.owner.onSent(own);
      return null;
    }
    if (answer.status === 401) {
      await this.owner.reopen();
      return 500;
    }
    if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
      this.owner.onStuck(error);
      return answer.retryAfter * 1000;
    }
    own.error = error || REFUSED;
    this.owner.onRefused(own);
    return null;
  }
}
