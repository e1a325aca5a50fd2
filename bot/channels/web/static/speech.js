// @ts-check
// Reads answers aloud, with a Vietnamese voice that is on this phone. A voice that lives at its
// maker's would be sent every answer, so it is not used.

import { drop, read, write } from './store.js';

const AUTO = 'congdanso-aloud';
/** Some browsers fall silent in the middle of a long text. */
const PIECE = 180;

export class Speech {
  /** @type {SpeechSynthesisVoice | undefined} */
  #voice;
  #playing = '';
  #turn = 0;
  #left = 0;
  auto = read(AUTO) === '1';

  /** @param {() => void} onChange there is a voice now, or what is being read is another */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** Look for a voice; browsers find theirs only after a while. */
  start() {
    if (!('speechSynthesis' in window)) return;
    this.#find();
    speechSynthesis.addEventListener?.('voiceschanged', () => this.#find());
  }

  /** Whether this phone can read Vietnamese. */
  get ready() {
    return Boolean(this.#voice);
  }

  /** What is being read, '' when silent. */
  get playing() {
    return this.#playing;
  }

  /** Read this, and nothing else. @param {string} key what is read @param {string} text */
  read(key, text) {
    this.stop();
    this.add(key, text);
  }

  /** Read this when what is being read has ended. @param {string} key @param {string} text */
  add(key, text) {
    if (!this.#voice) return;
    const turn = this.#turn;
    const pieces = spoken(text);
    this.#left += pieces.length;
    for (const piece of pieces) {
      const words = new SpeechSynthesisUtterance(piece);
      words.voice = this.#voice ?? null;
      words.lang = 'vi-VN';
      words.rate = 0.9;
      const done = () => {
        if (turn !== this.#turn) return;
        this.#left -= 1;
        if (!this.#left) this.#now('');
      };
      words.addEventListener('start', () => turn === this.#turn && this.#now(key));
      words.addEventListener('end', done);
      words.addEventListener('error', done);
      speechSynthesis.speak(words);
    }
    if (pieces.length && !this.#playing) this.#now(key);
  }

  stop() {
    this.#turn += 1;
    this.#left = 0;
    if (this.#playing) speechSynthesis.cancel();
    this.#now('');
  }

  toggleAuto() {
    this.auto = !this.auto;
    if (this.auto) write(AUTO, '1');
    else this.forget();
    this.onChange();
  }

  /** Do not remember that answers are read by themselves. */
  forget() {
    this.auto = false;
    drop(AUTO);
    this.stop();
  }

  #find() {
    const voices = speechSynthesis.getVoices();
    this.#voice = voices.find((voice) => voice.localService && /^vi\b/i.test(voice.lang));
    this.onChange();
  }

  /** @param {string} playing */
  #now(playing) {
    if (playing === this.#playing) return;
    this.#playing = playing;
    this.onChange();
  }
}

/** A text in pieces as they are said: no marks that only the eye needs. @param {string} text */
function spoken(text) {
  const plain = text.replace(/[•‼⚠️🖼☎📞]/gu, ' ').replace(/[ \t]+/g, ' ');
  const pieces = [];
  for (const line of plain.split(/\n+|(?<=[.!?:;]) /)) {
    let rest = line.trim();
    while (rest.length > PIECE) {
      const at = rest.lastIndexOf(' ', PIECE);
      const cut = at > 0 ? at : PIECE;
      pieces.push(rest.slice(0, cut));
      rest = rest.slice(cut).trim();
    }
    if (rest) pieces.push(rest);
  }
  return pieces;
}
