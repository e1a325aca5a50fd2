// @ts-check
// Sends a picture: made small on this phone first, since networks are weak, and kept nowhere.

import { backoff, pause, sleep } from './net.js';
import { newId } from './store.js';

const SIDE = 1600;
const QUALITY = 0.85;
const TRIES = 3;
const SECONDS = 60;
const FAILED = 'Hình chưa gửi được. Bác thử gửi lại.';

/**
 * @param {File} file @param {() => Promise<void>} reopen
 * @returns {Promise<string>} '' when the server has it, else what to say
 */
export async function sendPicture(file, reopen) {
  return upload('/chat/pictures?', await smaller(file).catch(() => file), reopen, FAILED);
}

/**
 * @param {string} where an address that ends where the message's id goes
 * @param {Blob} body @param {() => Promise<void>} reopen @param {string} failed what to say
 * @returns {Promise<string>} '' when the server has it, else what to say
 */
export async function upload(where, body, reopen, failed) {
  const path = `${where}id=${newId()}`;
  let words = failed;
  let wait = 0;
  for (let failures = 0; failures < TRIES; failures += 1) {
    if (failures) await (wait ? sleep(wait) : pause(backoff(failures - 1)));
    wait = 0;
    const answer = await post(path, body).catch(() => null);
    if (!answer) continue;
    if (answer.status < 300) return '';
    words = answer.error || failed;
    wait = answer.wait;
    if (answer.status === 401) await reopen().catch(() => {});
    else if (answer.status !== 429 && answer.status < 500) return words;
  }
  return words;
}

/** @param {File} file @returns {Promise<Blob>} */
async function smaller(file) {
  const picture = await createImageBitmap(file);
  const part = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  if (part === 1 && file.size < 500_000) return file;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * part);
  canvas.height = Math.round(picture.height * part);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  return blob instanceof Blob ? blob : file;
}

/** @param {string} path @param {Blob} body */
async function post(path, body) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), SECONDS * 1000);
  try {
    const headers = { 'Content-Type': 'application/octet-stream' };
    const response = await fetch(path, { method: 'POST', headers, body, signal: abort.signal });
    const data = await response.json().catch(() => ({}));
    const wait = (Number(response.headers.get('Retry-After')) || 0) * 1000;
    return { status: response.status, error: typeof data?.error === 'string' ? data.error : '', wait };
  } finally {
    clearTimeout(timer);
  }
}
