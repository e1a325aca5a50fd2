// @ts-check
// The transcript on this phone. One localStorage key per message, so that two tabs never overwrite
// one another; where storage is refused, everything stays in memory.

/** @typedef {{id: string, label: string}} Choice */
/** @typedef {{src: string, alt: string, width: number, height: number}} Picture */
/**
 * A message of the bot. `cuts` are where in the text further bubbles begin, `relay` says that a person
 * is behind it.
 * @typedef {{seq: number, text: string, cuts?: number[], choices: Choice[], urgent: boolean,
 *   relay?: boolean, picture?: Picture}} BotMessage
 */
/**
 * A message of the person. `after` is the bot message it came after, `choice` the button pressed,
 * `of` the bot message that button belongs to.
 * @typedef {{id: string, text: string, choice?: string, of?: number, after: number, at: number,
 *   state: 'waiting' | 'sent' | 'refused', error?: string}} OwnMessage
 */
/** @typedef {{key: string, bot?: BotMessage, own?: OwnMessage}} Entry */

const PREFIX = 'congdanso:';
const CHAT = `${PREFIX}chat`;
const KEEP = 400;

/** Bot messages by number; own ones behind the bot message they came after, then by time.
 * @param {Entry} a @param {Entry} b */
export function compare(a, b) {
  const [x, y] = [place(a), place(b)];
  return x[0] - y[0] || x[1] - y[1] || (a.key < b.key ? -1 : 1);
}

/** @param {Entry} entry */
const place = ({ bot, own }) => [bot?.seq ?? own?.after ?? 0, own?.at ?? 0];

export class Store {
  /** @type {Map<string, Entry>} */
  entries = new Map();
  chat = '';
  lastSeq = 0;
  #lastAt = 0;

  /**
   * @param {(entry: Entry) => void} onEntry another tab added or changed a message
   * @param {(chat: string) => void} onSwitch another tab opened another chat, or removed this one
   */
  constructor(onEntry, onSwitch) {
    this.chat = read(CHAT) ?? '';
    this.load();
    window.addEventListener('storage', (event) => {
      if (event.key === null || event.key === CHAT) {
        const chat = read(CHAT) ?? '';
        if (chat !== this.chat) onSwitch(chat);
      } else if (event.newValue && event.key.startsWith(this.#prefix())) {
        const entry = this.#merge(event.key, event.newValue);
        if (entry) onEntry(entry);
      }
    });
  }

  /** Messages in the order they are shown. */
  sorted() {
    return [...this.entries.values()].sort(compare);
  }

  /** Whether a person, not the machine, spoke last. */
  get withHelper() {
    const last = this.sorted().filter((entry) => entry.bot).pop();
    return last?.bot?.relay ?? false;
  }

  /** The person's messages the server has not taken yet, oldest first. */
  waiting() {
    return this.sorted().flatMap((e) => (e.own?.state === 'waiting' ? [e.own] : []));
  }

  /** Go on under this chat id. What waits to be sent comes along; an older chat is removed.
   * @param {string} chat @returns {boolean} whether what is on the screen is out of date */
  use(chat) {
    if (chat === this.chat) return false;
    const waiting = this.waiting();
    const other = this.chat !== '';
    this.clear();
    this.chat = chat;
    write(CHAT, chat);
    this.load();
    for (const own of waiting) this.putOwn({ ...own, after: 0, of: undefined });
    return other || waiting.length > 0;
  }

  /** @param {BotMessage} bot @returns {Entry | null} null when it is here already */
  addBot(bot) {
    const key = `${this.#prefix()}bot:${bot.seq}`;
    if (this.entries.has(key)) return null;
    return this.#put({ key, bot });
  }

  /** @param {{text: string, choice?: string, of?: number}} message
   * @param {'waiting' | 'sent'} state @returns {Entry} */
  addOwn(message, state = 'waiting') {
    const at = Math.max(Date.now(), this.#lastAt + 1);
    return this.putOwn({ ...message, id: newId(), after: this.lastSeq, at, state });
  }

  /** @param {OwnMessage} own @returns {Entry} */
  putOwn(own) {
    return this.#put({ key: `${this.#prefix()}own:${own.id}`, own });
  }

  /** Remove everything this page ever kept on this phone. */
  clear() {
    this.entries.clear();
    this.chat = '';
    this.lastSeq = 0;
    // The chat's own key goes first: a tab that hears of it must not find the chat still there.
    drop(CHAT);
    for (const key of keys()) drop(key);
  }

  #prefix() {
    return `${PREFIX}${this.chat}:`;
  }

  /** Take what is kept, as other tabs may have written while this one slept.
   * @returns {Entry[]} what is new */
  load() {
    const changed = [];
    for (const key of keys()) {
      if (!key.startsWith(this.#prefix())) continue;
      const entry = this.#merge(key, read(key) ?? '');
      if (entry) changed.push(entry);
    }
    return changed.sort(compare);
  }

  /** @param {string} key @param {string} value @returns {Entry | null} */
  #merge(key, value) {
    const known = this.entries.get(key);
    const final = known?.bot || (known?.own && known.own.state !== 'waiting');
    if (final) return null;
    const message = attempt(() => JSON.parse(value), null);
    if (!message) return null;
    const entry = 'seq' in message ? { key, bot: message } : { key, own: message };
    this.#note(entry);
    return entry;
  }

  /** @param {Entry} entry */
  #note(entry) {
    this.entries.set(entry.key, entry);
    this.lastSeq = Math.max(this.lastSeq, entry.bot?.seq ?? 0);
    this.#lastAt = Math.max(this.#lastAt, entry.own?.at ?? 0);
  }

  /** @param {Entry} entry @returns {Entry} */
  #put(entry) {
    this.#note(entry);
    if (this.entries.size > KEEP) this.#prune(KEEP / 4);
    const value = JSON.stringify(entry.bot ?? entry.own);
    if (!write(entry.key, value)) {
      this.#prune(this.entries.size / 2);
      write(entry.key, value);
    }
    return entry;
  }

  /** @param {number} most */
  #prune(most) {
    const old = this.sorted().slice(0, Math.floor(most));
    for (const { key, own } of old) {
      if (own?.state === 'waiting') continue;
      this.entries.delete(key);
      drop(key);
    }
  }
}

/** A random UUID. `crypto.randomUUID` is missing on pages without https, as on a local network. */
export function newId() {
  const random = (/** @type {number} */ n) => crypto.getRandomValues(new Uint8Array(1))[0] & n;
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (c) =>
    (c === 'x' ? random(15) : 8 + random(3)).toString(16),
  );
}

/** @template T @param {() => T} work @param {T} otherwise what to say where storage is refused */
function attempt(work, otherwise) {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** @param {string} key */
export const read = (key) => attempt(() => localStorage.getItem(key), null);

/** @param {string} key @param {string} value @returns whether it was kept */
export const write = (key, value) => attempt(() => (localStorage.setItem(key, value), true), false);

/** @param {string} key */
export const drop = (key) => attempt(() => localStorage.removeItem(key), undefined);

const keys = () => attempt(() => Object.keys(localStorage).filter((k) => k.startsWith(PREFIX)), []);
