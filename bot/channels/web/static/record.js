// @ts-check
// Records a voice note and sends it. Loaded when it is first asked for; nothing is kept on this phone.

import { upload } from './picture.js';

const MOST_SECONDS = 115;
const KINDS = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];
/** Speech needs no more; two minutes are 350 kB. */
const BITS = 24_000;
const FAILED = 'Tin thoại chưa gửi được. Bác thử nói lại, hoặc gõ chữ.';
const NO_MICROPHONE = 'Chưa dùng được micrô. Bác gõ chữ, hoặc nhờ người nhà bật giúp.';
const ABOUT = 'Nói vào máy, máy ghi tiếng rồi gửi cho trợ lý. Đừng đọc mật khẩu, mã OTP hay số thẻ.';
const LISTENING = 'Đang ghi, mời nói. Nói xong bấm Gửi.';

/**
 * Ask, record, send. Resolves with the seconds that were sent, 0 when it was left.
 * @param {{reopen: () => Promise<void>, say: (words: string) => void}} owner
 * @returns {Promise<number>}
 */
export async function recordNote(owner) {
  const { dialog, words, clock, leave, go } = makeDialog();
  /** @type {MediaRecorder | undefined} */
  let recorder;
  let seconds = 0;
  let timer = 0;
  /** @type {Blob[]} */
  const parts = [];

  const end = () => {
    clearInterval(timer);
    recorder?.stream.getTracks().forEach((track) => track.stop());
    dialog.remove();
  };
  /** @type {Promise<boolean>} whether it is to be sent */
  const answered = new Promise((done) => {
    dialog.addEventListener('close', () => done(dialog.returnValue === 'send'));
  });
  const stop = () =>
    new Promise((done) => {
      if (!recorder || recorder.state === 'inactive') return done(null);
      recorder.addEventListener('stop', done, { once: true });
      recorder.stop();
    });
  const begin = async () => {
    go.disabled = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
      recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS });
      recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
      recorder.start(1000);
    } catch {
      words.textContent = NO_MICROPHONE;
      leave.focus();
      return;
    }
    words.textContent = LISTENING;
    go.textContent = 'Gửi';
    go.disabled = false;
    go.focus();
    timer = setInterval(() => {
      seconds += 1;
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      if (seconds >= MOST_SECONDS) dialog.close('send');
    }, 1000);
  };

  go.addEventListener('click', () => (recorder ? dialog.close('send') : begin()));
  leave.addEventListener('click', () => dialog.close(''));
  dialog.showModal();
  const send = await answered;
  await stop();
  end();
  const note = new Blob(parts);
  if (!send || !note.size) return 0;
  owner.say('Đang gửi tin thoại…');
  const length = Math.max(1, seconds);
  const refused = await upload(`/chat/notes?seconds=${length}&`, note, owner.reopen, FAILED);
  owner.say(refused);
  return refused ? 0 : length;
}

function makeDialog() {
  const dialog = document.createElement('dialog');
  dialog.id = 'recorder';
  dialog.setAttribute('aria-labelledby', 'recorder-title');
  const title = put(dialog, 'h2', 'Gửi tin thoại');
  title.id = 'recorder-title';
  const words = put(dialog, 'p', ABOUT);
  words.setAttribute('role', 'status');
  // Not read out each second.
  const clock = put(dialog, 'p', '');
  clock.setAttribute('aria-hidden', 'true');
  const buttons = put(dialog, 'div', '');
  const leave = put(buttons, 'button', 'Thôi');
  const go = put(buttons, 'button', 'Bắt đầu nói');
  leave.className = 'quiet';
  leave.type = go.type = 'button';
  document.body.append(dialog);
  return { dialog, words, clock, leave, go };
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {HTMLElement} into @param {K} tag @param {string} text
 * @returns {HTMLElementTagNameMap[K]}
 */
function put(into, tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  into.append(made);
  return made;
}
