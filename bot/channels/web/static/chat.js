// @ts-check
// The web chat: ties what is kept, what is sent, what comes in and what is shown together.

import { listenForDictation } from './dictate.js';
import { backoff, pause, post, wake } from './net.js';
import { dropAll, dropRead, install, keepGuide } from './offline.js';
import { sendPicture } from './picture.js';
import { dropPrefs, isLarge, isStrong, nextSize, toggleContrast } from './prefs.js';
import { Queue } from './queue.js';
import { Speech } from './speech.js';
import { newId, Store } from './store.js';
import { Stream } from './stream.js';
import { find, View } from './view.js';

/** @typedef {import('./store.js').BotMessage} BotMessage */

// Forgotten on this phone, the chat's own cookie not yet. A cookie as well: what a page puts into
// localStorage just before it is closed may be lost.
const FORGETTING = 'congdanso_forgetting';
const LIMIT = 4096;
const OFFLINE = 'Mất mạng. Bác cứ gõ, có mạng lại là tin tự gửi đi.';
const PICTURE = '🖼 Đã gửi một hình';
const PICTURE_ON_ITS_WAY = 'Đang gửi hình…';
const NOTE = '🎤 Đã gửi một tin thoại';
const NO_RECORDER = 'Gửi tin thoại cần có mạng. Bác thử lại khi có mạng, hoặc gõ chữ.';
const FORGOTTEN = 'Đã xóa khỏi máy này.';
const FORGOTTEN_OFFLINE = 'Đã xóa tin khỏi máy này. Bác để trang này mở tới khi có mạng để xóa nốt.';

const view = new View(
  (seq, choice) => say({ text: choice.label, choice: choice.id, of: seq }),
  (key, text) => (speech.playing === key ? speech.stop() : speech.read(key, text)),
);
const speech = new Speech(() => showSpeech());
const store = new Store(
  (entry) => {
    view.put(entry, stuck);
    if (entry.own?.state === 'waiting') typing(!stuck);
  },
  // Another tab removed the chat, or got a new one: begin again from what is there now.
  (chat) => (chat ? location.reload() : leave(FORGOTTEN)),
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
    view.state(words);
    view.put(store.putOwn({ ...own, state: 'sent' }), stuck);
    if (own.after >= store.lastSeq) typing(true);
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

let stuck = false; // the last try to send failed
/** @type {{stop: () => void} | undefined} */
let dictation;
let left = false; // this phone has forgotten the chat
let acknowledged = 0;
let lost = 0;
let words = ''; // how the connection is
/** @type {Promise<void> | null} */
let opening = null;

/** Open the chat, or a new one when the cookie is gone. Several callers share one request. */
function open() {
  opening ??= (async () => {
    if (left) throw new Error('left');
    if (document.cookie.includes(`${FORGETTING}=1`)) {
      await post('/chat/forget', {});
      forgetting(false);
    }
    const { status, data } = await post('/chat/open', {});
    if (typeof data.error === 'string') view.state(data.error);
    if (status >= 300 || typeof data.chat !== 'string') throw new Error(`open: ${status}`);
    const before = store.chat;
    const changed = store.use(data.chat);
    if (before && before !== data.chat) await dropRead().catch(() => {});
    if (!changed) return;
    view.restore(store.sorted());
    acknowledged = 0;
    stream.restart();
  })().finally(() => {
    opening = null;
  });
  return opening;
}

/** @param {BotMessage} message */
function receive(message) {
  const entry = store.addBot(message);
  if (entry) {
    view.put(entry, stuck);
    if (speech.auto) speech.add(`${message.seq}:0`, message.text);
    keepGuide(message).catch(() => {});
  }
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
  const show = (/** @type {string} */ now) => {
    words = now;
    view.state(now);
  };
  if (up) {
    show('');
    wake();
    acknowledge();
    queue.flush();
  } else if (navigator.onLine) {
    // A short break is not worth a word.
    lost = setTimeout(() => show('Đang nối lại…'), 1500);
  } else {
    show(OFFLINE);
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
  speech.stop();
  view.put(store.addOwn(message), stuck);
  typing(!stuck);
  view.toEnd();
  wake();
  queue.flush();
}

/** @param {boolean} on */
const typing = (on) => view.typing(on, store.withHelper);

/** Whether answers can be read aloud here, and which is being read. */
function showSpeech() {
  document.documentElement.toggleAttribute('data-voice', speech.ready);
  const auto = find('#aloud', HTMLButtonElement);
  auto.hidden = !speech.ready;
  auto.setAttribute('aria-pressed', String(speech.auto));
  view.reading(speech.playing);
}

/** @param {File} file */
async function showPicture(file) {
  view.state(PICTURE_ON_ITS_WAY);
  const refused = await sendPicture(file, open);
  if (left) return;
  view.state(refused || words);
  if (refused) return;
  view.put(store.addOwn({ text: PICTURE }, 'sent'), stuck);
  typing(true);
  view.toEnd();
}

/** @param {HTMLElement} from where it was asked for */
async function sendNote(from) {
  speech.stop();
  // Most people never need it: it is loaded when it is asked for.
  const { recordNote } = await import('./record.js').catch(() => ({ recordNote: null }));
  if (!recordNote) {
    view.state(NO_RECORDER);
    return;
  }
  const seconds = await recordNote({ reopen: open, say: (now) => view.state(now || words) });
  if (left) return;
  from.focus();
  if (!seconds) return;
  view.put(store.addOwn({ text: `${NOTE} (${seconds} giây)` }, 'sent'), stuck);
  typing(true);
  view.toEnd();
}

/** @param {string} why */
function leave(why) {
  left = true;
  stream.stop();
  queue.stop();
  clearTimeout(lost);
  store.clear();
  speech.forget();
  dictation?.stop();
  dropPrefs();
  view.farewell(why);
}

/** @param {boolean} now */
function forgetting(now) {
  document.cookie = `${FORGETTING}=1; path=/; samesite=lax; max-age=${now ? 31_536_000 : 0}`;
}

async function forget() {
  leave(FORGOTTEN);
  forgetting(true);
  await dropAll().catch(() => {});
  for (let failures = 0; ; failures += 1) {
    const done = await post('/chat/forget', {}).catch(() => null);
    if (done && done.status < 500) break;
    view.farewell(FORGOTTEN_OFFLINE);
    await pause(backoff(failures));
  }
  forgetting(false);
  view.farewell(FORGOTTEN);
}

/** A poster's link, /?loc=96_32236: tell it once, then forget it, so that a reload does not. */
async function arrive() {
  const loc = new URLSearchParams(location.search).get('loc');
  if (!loc || !/^[a-z0-9_-]{2,60}$/.test(loc)) return;
  const message = { id: newId(), start: `loc_${loc}` };
  for (let failures = 0; !left; failures += 1) {
    const done = await post('/chat/messages', message).catch(() => null);
    if (done && done.status < 500 && done.status !== 429) break;
    await pause(backoff(failures));
  }
  history.replaceState(null, '', location.pathname);
}

function listen() {
  const form = find('#composer', HTMLFormElement);
  speech.start();
  const box = find('#text', HTMLTextAreaElement);
  const room = find('#room', HTMLElement);
  const fit = () => {
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
    const more = LIMIT - box.value.length;
    room.textContent = more <= 200 ? `Còn ${more} chữ cái` : '';
  };
  const send = () => {
    const text = box.value.trim();
    if (!text) return;
    box.value = '';
    fit();
    say({ text });
  };
  box.addEventListener('input', () => {
    fit();
    speech.stop();
  });
  const tell = (/** @type {string} */ now) => view.state(now || words);
  dictation = listenForDictation({ onStart: () => speech.stop(), say: tell, most: LIMIT });
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

  const picture = find('#picture', HTMLInputElement);
  picture.addEventListener('change', () => {
    const file = picture.files?.[0];
    picture.value = '';
    if (file) showPicture(file);
  });

  const menu = find('#menu', HTMLDetailsElement);
  const dialog = find('#forget', HTMLDialogElement);
  const close = () => menu.removeAttribute('open');
  document.addEventListener('click', (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) close();
  });
  const back = () => find('#menu summary', HTMLElement).focus();
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    close();
    back();
  });
  if ('MediaRecorder' in window && navigator.mediaDevices) {
    const record = find('#record', HTMLButtonElement);
    const mic = find('#dictate', HTMLButtonElement);
    record.hidden = false;
    record.addEventListener('click', () => {
      close();
      sendNote(box);
    });
    if (mic.hidden) {
      // A browser that cannot take dictation: its button records.
      mic.hidden = false;
      mic.setAttribute('aria-label', 'Gửi tin thoại');
      mic.removeAttribute('aria-pressed');
      mic.addEventListener('click', () => sendNote(mic));
    }
  }
  reading(tell);
  find('#ask-forget', HTMLButtonElement).addEventListener('click', () => {
    close();
    dialog.showModal();
  });
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'forget') forget();
    else back();
    dialog.returnValue = '';
  });
  find('#farewell button', HTMLButtonElement).addEventListener('click', () => location.reload());

  window.addEventListener('online', wake);
  window.addEventListener('offline', () => {
    setStuck(true);
    connected(false);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') speech.stop();
    for (const entry of document.visibilityState === 'visible' ? store.load() : []) {
      view.put(entry, stuck);
    }
  });
}

/** The buttons for how to read. @param {(words: string) => void} tell */
function reading(tell) {
  const larger = find('#larger', HTMLButtonElement);
  const contrast = find('#contrast', HTMLButtonElement);
  const show = () => {
    larger.setAttribute('aria-pressed', String(isLarge()));
    contrast.setAttribute('aria-pressed', String(isStrong()));
  };
  larger.addEventListener('click', () => {
    tell(`Cỡ chữ: ${nextSize()}`);
    setTimeout(() => tell(''), 2500);
    show();
  });
  contrast.addEventListener('click', () => {
    toggleContrast();
    show();
  });
  find('#aloud', HTMLButtonElement).addEventListener('click', () => speech.toggleAuto());
  const button = find('#install', HTMLButtonElement);
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    button.hidden = false;
    button.onclick = () => {
      button.hidden = true;
      if ('prompt' in event && event.prompt instanceof Function) event.prompt();
    };
  });
  show();
}

async function start() {
  history.scrollRestoration = 'manual';
  view.restore(store.sorted());
  listen();
  for (let failures = 0; !(await open().then(() => true, () => left)); failures += 1) {
    connected(false);
    await pause(backoff(failures));
  }
  if (left) return;
  stream.start();
  arrive();
  queue.flush();
  install().catch(() => {});
}

start();
