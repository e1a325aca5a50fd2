// @ts-check
// What is on the screen: bubbles, buttons, the lines that say how things stand.

import { compare } from './store.js';
import { opensGuide, paragraphs, pieces } from './text.js';

const INLINE = 'data:image/png;base64,';

/** @typedef {import('./store.js').Entry} Entry */
/** @typedef {import('./store.js').Choice} Choice */
/** @typedef {import('./store.js').BotMessage} BotMessage */

const BUSY = 8_000;
const GIVE_UP = 30_000;
const NEAR_END = 120;
const TAKEN = 'Tin đã tới nơi. Người giúp đọc được là trả lời ở đây.';

/** @template {HTMLElement} T @param {string} selector @param {new () => T} type @returns {T} */
export function find(selector, type) {
  const found = document.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`chat.html has no ${selector}`);
}

export class View {
  #log = find('#log', HTMLElement);
  #typing = find('#typing', HTMLElement);
  #words = find('#typing span:last-child', HTMLElement);
  #state = find('#state', HTMLElement);
  #more = find('#more', HTMLButtonElement);
  #header = find('header', HTMLElement);
  #composer = find('#composer', HTMLElement);
  /** @type {Map<string, {node: HTMLElement, entry: Entry}>} */
  #items = new Map();
  /** Where reading begins: the first bubble of the newest answer. */
  #reading = { node: this.#log, since: 0 };
  #timers = [0, 0];

  /**
   * @param {(seq: number, choice: Choice) => void} onPress
   * @param {(key: string, text: string) => void} onListen a bubble is to be read aloud, or no more
   */
  constructor(onPress, onListen) {
    this.onPress = onPress;
    this.onListen = onListen;
    this.#more.addEventListener('click', () => this.#readOn());
    for (const event of ['scroll', 'resize']) {
      window.addEventListener(event, () => this.#offerMore(), { passive: true });
    }
  }

  /** Show a whole transcript at once, without having it all read out. @param {Entry[]} entries */
  restore(entries) {
    this.#log.setAttribute('aria-busy', 'true');
    this.#log.replaceChildren();
    this.#items.clear();
    for (const entry of entries) {
      const node = this.#place(entry);
      if (entry.bot) this.#reading = { node, since: 0 };
    }
    this.refresh(false);
    this.#log.removeAttribute('aria-busy');
    this.#follow('instant');
  }

  /** A new or changed message. @param {Entry} entry @param {boolean} stuck the network is away */
  put(entry, stuck) {
    const following = this.#below() < NEAR_END;
    const known = this.#items.has(entry.key);
    const node = this.#place(entry);
    this.refresh(stuck);
    if (known) return;
    if (entry.bot) {
      // What cannot wait is not to wait for the screen reader's turn either.
      if (entry.bot.urgent) node.setAttribute('role', 'alert');
      this.typing(false);
      // Bubbles that come together are one answer.
      if (Date.now() - this.#reading.since > 3000) this.#reading = { node, since: Date.now() };
    }
    if (following) this.#follow();
    this.#offerMore();
  }

  /** Bring the end into view, as after sending. */
  toEnd() {
    this.#reading = { node: this.#log, since: 0 };
    this.#follow();
  }

  /** Newest buttons large, pressed ones asleep until the answer is here, waiting messages marked.
   * @param {boolean} stuck */
  refresh(stuck) {
    const items = [...this.#items.values()];
    const bots = items.flatMap(({ entry }) => entry.bot ?? []);
    const last = Math.max(0, ...bots.map((bot) => bot.seq));
    const newest = Math.max(0, ...bots.map((bot) => (bot.choices.length ? bot.seq : 0)));
    /** @type {Map<string, boolean>} a button pressed, and whether its answer is still to come */
    const pressed = new Map();
    for (const { own } of items.map(({ entry }) => entry)) {
      if (own?.choice && own.state !== 'refused') pressed.set(own.of + own.choice, own.after >= last);
    }
    for (const { node, entry } of items) {
      if (entry.own) this.#mark(node, entry.own, stuck);
      node.classList.toggle('newest', entry.bot?.seq === newest);
      for (const button of node.querySelectorAll('.choices button')) {
        if (!(button instanceof HTMLElement)) continue;
        const name = `${entry.bot?.seq}${button.dataset.choice}`;
        button.classList.toggle('pressed', pressed.has(name));
        // Not `disabled`: that would throw the keyboard's focus back to the top of the page.
        button.setAttribute('aria-disabled', String(pressed.get(name) ?? false));
      }
    }
  }

  /** Whether an answer is being waited for. @param {boolean} on
   * @param {boolean} [helper] whether it is a person who will answer */
  typing(on, helper = false) {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#typing.hidden = !on;
    this.#words.textContent = !on ? '' : helper ? 'Đang chuyển tin cho người giúp…' : 'Máy đang trả lời…';
    if (!on) return;
    const busy = () => {
      this.#words.textContent = helper ? TAKEN : 'Máy đang bận, tin vừa gửi vẫn được giữ.';
    };
    this.#timers = [setTimeout(busy, BUSY), setTimeout(() => this.typing(false), GIVE_UP)];
  }

  /** A line about the connection; empty hides it. @param {string} words */
  state(words) {
    this.#state.hidden = !words;
    if (this.#state.textContent !== words) this.#state.textContent = words;
  }

  /** Nothing is kept any more. @param {string} words */
  farewell(words) {
    this.restore([]);
    this.typing(false);
    this.#composer.hidden = true;
    find('#farewell p', HTMLElement).textContent = words;
    find('#farewell', HTMLElement).hidden = false;
    find('#farewell button', HTMLButtonElement).focus();
  }

  /** @param {Entry} entry @returns {HTMLElement} */
  #place(entry) {
    const known = this.#items.get(entry.key);
    const node = known?.node ?? this.#make(entry);
    if (!known) {
      const later = [...this.#items.values()].filter((item) => compare(item.entry, entry) > 0);
      const [next] = later.sort((a, b) => compare(a.entry, b.entry));
      this.#log.insertBefore(node, next?.node ?? null);
    }
    this.#items.set(entry.key, { node, entry });
    find('#loading', HTMLElement).hidden = true;
    return node;
  }

  /** @param {Entry} entry @returns {HTMLElement} */
  #make({ bot, own }) {
    const node = element('div', bot ? 'message bot' : 'message own');
    const opens = bot ? opensGuide(bot.text) : false;
    const texts = bot ? pieces(bot.text, bot.cuts) : [own?.text ?? ''];
    texts.forEach((text, n) => {
      const bubble = element('div', 'bubble');
      if (!n) this.#begin(node, bubble, bot);
      bubble.append(bot ? paragraphs(text, opens && !n) : element('p', '', text));
      if (bot) bubble.append(this.#listen(`${bot.seq}:${n}`, text));
      node.append(bubble);
    });
    if (own) node.append(element('p', 'status'));
    if (bot?.choices.length) node.append(this.#choices(bot.seq, bot.choices));
    return node;
  }

  /** What stands above the text of a message's first bubble.
   * @param {HTMLElement} node @param {HTMLElement} bubble @param {BotMessage} [bot] */
  #begin(node, bubble, bot) {
    bubble.append(element('span', 'hidden', bot ? 'Máy trả lời: ' : 'Bác nhắn: '));
    if (bot?.urgent) {
      node.classList.add('urgent');
      const heading = element('p', 'heading');
      heading.append(icon('#icon-urgent'), 'Việc gấp');
      bubble.append(heading);
    }
    if (bot?.picture) bubble.append(card(bot.picture, bubble));
  }

  /** A button to have a bubble read; the style hides it where there is no voice.
   * @param {string} key @param {string} text */
  #listen(key, text) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'listen';
    button.dataset.key = key;
    button.addEventListener('click', () => this.onListen(key, text));
    this.#sounding(button, false);
    return button;
  }

  /** Show which bubble is being read. @param {string} key '' for none */
  reading(key) {
    for (const button of this.#log.querySelectorAll('.listen')) {
      if (!(button instanceof HTMLElement)) continue;
      const now = button.dataset.key === key;
      if (now !== (button.dataset.on === '1')) this.#sounding(button, now);
    }
  }

  /** @param {HTMLElement} button @param {boolean} on */
  #sounding(button, on) {
    button.dataset.on = on ? '1' : '';
    button.setAttribute('aria-label', on ? 'Thôi đọc' : 'Đọc to đoạn này');
    button.replaceChildren(icon(on ? '#icon-quiet' : '#icon-aloud'));
  }

  /** @param {number} seq @param {Choice[]} choices */
  #choices(seq, choices) {
    const group = element('div', 'choices');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', 'Chọn một việc');
    for (const choice of choices) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = choice.label;
      button.dataset.choice = choice.id;
      button.dataset.kind = choice.id.split(':', 1)[0];
      button.addEventListener('click', () => {
        if (button.getAttribute('aria-disabled') !== 'true') this.onPress(seq, choice);
      });
      group.append(button);
    }
    return group;
  }

  /** @param {HTMLElement} node @param {import('./store.js').OwnMessage} own @param {boolean} stuck */
  #mark(node, own, stuck) {
    const words = own.error ?? (own.state === 'waiting' && stuck ? 'đang chờ mạng' : '');
    const status = node.querySelector('.status');
    if (status && status.textContent !== words) status.textContent = words;
    node.classList.toggle('refused', own.state === 'refused');
  }

  /** To the end, but never past where reading begins. @param {ScrollBehavior} [behavior] */
  #follow(behavior = 'auto') {
    const { node } = this.#reading;
    const place = (/** @type {Element} */ at) => at.getBoundingClientRect().top + scrollY - this.#top();
    const end = document.documentElement.scrollHeight - window.innerHeight;
    let start = node === this.#log ? end : place(node);
    // What does not fit on the screen is read from the question on.
    const question = node.previousElementSibling;
    if (start < end && question?.matches('.own')) start = place(question);
    window.scrollTo({ top: Math.min(start, end), behavior });
    this.#offerMore();
  }

  /** Where the part of the window that the header leaves free begins. */
  #top() {
    return (getComputedStyle(this.#header).position === 'sticky' ? this.#header.offsetHeight : 0) + 8;
  }

  /** How much there is below the window. */
  #below() {
    return document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
  }

  #offerMore() {
    this.#more.hidden = this.#below() < NEAR_END;
  }

  /** Most of a screen further down, or to the newest message when that is still ahead. */
  #readOn() {
    const newest = this.#log.lastElementChild?.getBoundingClientRect().top ?? 0;
    const page = (window.innerHeight - this.#top() - this.#composer.offsetHeight) * 0.8;
    window.scrollBy({ top: newest > window.innerHeight ? newest - this.#top() : page });
  }
}

/** The picture of a step. Its room is kept while it loads; one that cannot be had is left out, since
 * the text below says the same.
 * @param {import('./store.js').Picture} picture @param {HTMLElement} bubble */
function card({ src, alt, width, height }, bubble) {
  const image = document.createElement('img');
  image.className = 'card';
  Object.assign(image, { alt, width, height, loading: 'lazy', decoding: 'async' });
  bubble.classList.add('pictured');
  image.addEventListener('error', () => {
    image.remove();
    bubble.classList.remove('pictured');
  });
  // Only pictures of this server: an address from elsewhere would tell it who is reading.
  // A payment code comes inside the message, since the server keeps none.
  image.src = src.startsWith(INLINE) ? src : new URL(src, location.origin).pathname;
  return image;
}

/** @param {string} name */
const icon = (name) => find(name, HTMLTemplateElement).content.cloneNode(true);

/** @param {string} tag @param {string} [name] @param {string} [text] */
function element(tag, name = '', text = '') {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
