// @ts-check
// The stream of bot messages, read with fetch: unlike EventSource it shows the server's pings, so a
// connection a mobile network dropped without a word is noticed and opened again.

import { backoff, pause, wake } from './net.js';

/** @typedef {import('./store.js').BotMessage} BotMessage */

const SILENCE = 40_000; // the server pings every 15 s

export class Stream {
  /** @type {AbortController | null} */
  #abort = null;
  #running = false;
  #heard = 0;

  /**
   * @param {{after: () => number, reopen: () => Promise<void>,
   *   onMessage: (message: BotMessage) => void, onState: (open: boolean) => void}} owner
   */
  constructor(owner) {
    this.owner = owner;
    window.addEventListener('offline', () => this.restart());
    document.addEventListener('visibilitychange', () => {
      // A phone that slept often holds a dead connection.
      if (document.visibilityState !== 'visible') return;
      if (Date.now() - this.#heard > SILENCE / 2) this.restart();
      wake();
    });
  }

  async start() {
    if (this.#running) return;
    this.#running = true;
    let failures = 0;
    while (this.#running) {
      this.#abort = new AbortController();
      const began = Date.now();
      try {
        await this.#once(this.#abort);
      } catch (error) {
        // No network, or nothing heard for too long: try again below.
        console.info('stream', error);
      }
      if (!this.#running) break;
      this.owner.onState(false);
      failures = this.#heard - began > 5000 ? 0 : failures + 1;
      await pause(backoff(failures) / 2);
    }
  }

  /** Connect anew, as when the chat is another one now. */
  restart() {
    this.#abort?.abort();
  }

  stop() {
    this.#running = false;
    this.#abort?.abort();
    wake();
  }

  /** @param {AbortController} abort */
  async #once(abort) {
    let timer = setTimeout(() => abort.abort(), SILENCE);
    try {
      const response = await fetch(`/chat/stream?after=${this.owner.after()}`, {
        headers: { Accept: 'text/event-stream' },
        cache: 'no-store',
        signal: abort.signal,
      });
      if (response.status === 401) await this.owner.reopen();
      if (!response.ok || !response.body) return;
      this.#heard = Date.now();
      this.owner.onState(true);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.#heard = Date.now();
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE);
        rest = this.#take(rest + decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Hand out the complete events of `text`. @param {string} text @returns {string} what is left */
  #take(text) {
    const events = text.split(/\r?\n\r?\n/);
    const rest = events.pop() ?? '';
    for (const event of events) {
      const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
      const data = lines.map((line) => line.slice(5)).join('\n');
      if (data) this.owner.onMessage(JSON.parse(data));
    }
    return rest;
  }
}
