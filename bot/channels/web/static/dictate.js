// @ts-check
// Speaking instead of typing, where the browser offers it. The words are put into the text box to be
// looked at; they are never sent by themselves.

import { drop, read, write } from './store.js';
import { find } from './view.js';

const AGREED = 'congdanso-speaks';
const LISTENING = 'Máy đang nghe, mời nói. Nói xong thì bấm lại nút có hình micrô.';
const LOOK = 'Bác xem lại chữ cho đúng rồi bấm Gửi.';
const NOTHING = 'Chưa nghe được tiếng nào. Bác thử nói lại, hoặc gõ chữ.';
/** @type {Record<string, string>} */
const WHY = {
  'not-allowed': 'Trình duyệt chưa được phép dùng micrô. Bác gõ chữ, hoặc nhờ người nhà bật giúp.',
  'service-not-allowed': 'Máy này không cho nói thay vì gõ. Bác gõ chữ giúp nhé.',
  'audio-capture': 'Không thấy micrô. Bác gõ chữ giúp nhé.',
  network: 'Nói thay vì gõ cần có mạng. Bác gõ chữ, có mạng lại là tin tự gửi đi.',
  'language-not-supported': 'Máy này chưa nghe được tiếng Việt. Bác gõ chữ giúp nhé.',
};

/** @param {{onStart: () => void, say: (words: string) => void, most: number}} owner */
export function listenForDictation(owner) {
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  if (!Recognition) return { stop() {} };
  const button = find('#dictate', HTMLButtonElement);
  const box = find('#text', HTMLTextAreaElement);
  const consent = find('#consent', HTMLDialogElement);
  /** @type {SpeechRecognition | null} */
  let running = null;
  let agreed = read(AGREED) === '1';

  const start = () => {
    owner.onStart();
    const before = box.value.trim();
    const work = new Recognition();
    let heard = '';
    let why = '';
    work.lang = 'vi-VN';
    work.interimResults = true;
    work.onresult = (event) => {
      heard = [...event.results].map((result) => result[0].transcript).join(' ').trim();
      box.value = [before, heard].filter(Boolean).join(' ').slice(0, owner.most);
      box.dispatchEvent(new Event('input'));
    };
    work.onerror = (event) => {
      why = WHY[event.error] ?? '';
    };
    work.onend = () => {
      if (running !== work) return;
      running = null;
      button.setAttribute('aria-pressed', 'false');
      owner.say(why || (heard ? LOOK : NOTHING));
      box.focus();
    };
    running = work;
    button.setAttribute('aria-pressed', 'true');
    owner.say(LISTENING);
    try {
      work.start();
    } catch {
      work.onend(new Event('end'));
    }
  };

  button.hidden = false;
  button.addEventListener('click', () => {
    if (running) running.stop();
    else if (agreed) start();
    else consent.showModal();
  });
  consent.addEventListener('close', () => {
    const speak = consent.returnValue === 'speak';
    consent.returnValue = '';
    if (!speak) {
      button.focus();
      return;
    }
    agreed = true;
    write(AGREED, '1');
    start();
  });
  return {
    /** Hear no more; the consent is asked for again. */
    stop() {
      const work = running;
      running = null;
      work?.abort();
      drop(AGREED);
    },
  };
}
