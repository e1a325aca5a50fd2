// @ts-check
// The web chat: ties what is kept, what is sent, what comes in and what is shown together.

import { backoff, pause, post, wake } from './net.js';
import { Queue } from './queue.js';
import { drop, read, Store, write } from './store.js';
import { Stream } from './stream.js';
import { find, View } from './view.js';

/** @typedef {import('./store.js').BotMessage} BotMessage */

const FORGETTING = 'congdanso:forgetting'; // forgotten on this phone, the cookie not yet
const LIMIT = 4096;
const OFFLINE = 'Mất mạng. Bác cứ gõ, có mạng lại là tin tự gửi đi.';
const FORGOTTEN = 'Đã xóa khỏi máy này.';
const FORGOTTEN_OFFLINE = 'Đã xóa tin khỏi máy này. Khi có mạng, bác mở lại trang này một lần để xóa nốt.';

const view = new View((seq, choice) => say({ text: choice.label, choice: choice.id, of: seq }));
const store = new Store(
  (entry) => {
    view.put(entry, stuck);
    if (entry.own?.state === 'waiting') view.typing(!stuck);
  },
  // Another tab removed the chat, or got a new one: begin again from what is there now.
  () => (read('congdanso:chat') ? location.reload() : leave(FORGOTTEN)),
);
const stream = new Stream({
  after: () => store.lastSeq,
  reopen: () => open(),
  onMessage: receive,
  onState: connected,
});
const queue = new Queue(store, {
  reopen: () => open(),
  onSent: (own) => {
    setStuck(false);
    view.put(store.putOwn({ ...own, state: 'sent' }), stuck);
    if (own.after >= store.lastSeq) view.typing(true);
  },
  onRefused: (own) => {
    view.put(store.putOwn({ ...own, state: 'refused' }), stuck);
    view.typing(false);
  },
  onStuck: (why) => {
    setStuck(true);
    if (why) view.state(why);
  },
});

let stuck = false;
let acknowledged = 0;
let lost = 0;
/** @type {Promise<void> | null} */
let opening = null;

/** Open the chat, or a new one when the cookie is gone. Several callers share one request. */
function open() {
  opening ??= (async () => {
    if (read(FORGETTING)) {
      await post('/chat/forget', {});
      drop(FORGETTING);
    }
    const { status, data } = await post('/chat/open', {});
    if (typeof data.error === 'string') view.state(data.error);
    if (status >= 300 || typeof data.chat !== 'string') throw new Error(`open: ${status}`);
    if (store.use(data.chat)) view.restore(store.sorted());
  })().finally(() => {
    opening = null;
  });
  return opening;
}

/** @param {BotMessage} message */
function receive(message) {
  const entry = store.addBot(message);
  if (entry) view.put(entry, stuck);
  acknowledge();
}

/** Tell the server what is kept here, so that it can wipe its copy. */
async function acknowledge() {
  const seq = store.lastSeq;
  if (seq <= acknowledged) return;
  const done = await post('/chat/ack', { seq }).catch(() => null);
  if (done && done.status < 300) acknowledged = Math.max(acknowledged, seq);
}

/** @param {boolean} up */
function connected(up) {
  clearTimeout(lost);
  if (up) {
    view.state('');
    wake();
    acknowledge();
    queue.flush();
  } else if (navigator.onLine) {
    // A short break is not worth a word.
    lost = setTimeout(() => view.state('Đang nối lại…'), 1500);
  } else {
    view.state(OFFLINE);
  }
}

/** @param {boolean} now */
function setStuck(now) {
  stuck = now;
  if (now) view.typing(false);
  view.refresh(now);
}

/** @param {{text: string, choice?: string, of?: number}} message */
function say(message) {
  if (!navigator.onLine) stuck = true;
  view.put(store.addOwn(message), stuck);
  view.typing(!stuck);
  view.toEnd();
  wake();
  queue.flush();
}

/** @param {string} words */
function leave(words) {
  stream.stop();
  queue.stop();
  store.clear();
  view.farewell(words);
}

async function forget() {
  leave(FORGOTTEN);
  write(FORGETTING, '1');
  const done = await post('/chat/forget', {}).catch(() => null);
  if (done && done.status < 500) drop(FORGETTING);
  else view.farewell(FORGOTTEN_OFFLINE);
}

function listen() {
  const form = find('#composer', HTMLFormElement);
  const box = find('#text', HTMLTextAreaElement);
  const room = find('#room', HTMLElement);
  const fit = () => {
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
    const left = LIMIT - box.value.length;
    room.textContent = left <= 200 ? `Còn ${left} chữ cái` : '';
  };
  const send = () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = '';
    fit();
    say({ text });
  };
  box.addEventListener('input', fit);
  box.addEventListener('keydown', (event) => {
    // Vietnamese typing tools compose letters: Enter then ends a word, it does not send.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
    box.focus();
  });

  const menu = find('#menu', HTMLDetailsElement);
  const dialog = find('#forget', HTMLDialogElement);
  const close = () => menu.removeAttribute('open');
  document.addEventListener('click', (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) close();
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    close();
    find('#menu summary', HTMLElement).focus();
  });
  find('#ask-forget', HTMLButtonElement).addEventListener('click', () => {
    close();
    dialog.showModal();
  });
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'forget') forget();
    dialog.returnValue = '';
  });
  find('#farewell button', HTMLButtonElement).addEventListener('click', () => location.reload());

  window.addEventListener('online', wake);
  window.addEventListener('offline', () => {
    setStuck(true);
    view.state(OFFLINE);
  });
  document.addEventListener('visibilitychange', () => {
    for (const entry of document.visibilityState === 'visible' ? store.load() : []) {
      view.put(entry, stuck);
    }
  });
}

async function start() {
  history.scrollRestoration = 'manual';
  view.restore(store.sorted());
  listen();
  for (let failures = 0; ; failures += 1) {
    try {
      await open();
      break;
    } catch {
      connected(false);
      await pause(backoff(failures));
    }
  }
  stream.start();
  queue.flush();
}

start();
