// @ts-check
// How the person wants to read: larger letters, more contrast. Remembered on this phone; where the
// browser keeps nothing, until the page is closed.

import { drop, read, write } from './store.js';

const SIZE = 'congdanso-size';
const CONTRAST = 'congdanso-contrast';
const SIZES = ['vừa', 'to', 'rất to'];
const root = document.documentElement;
const system = matchMedia('(prefers-contrast: more)');

let size = 0;
let strong = false;

/** Take what was chosen, here or in another tab. */
function load() {
  size = Math.min(SIZES.length - 1, Number(read(SIZE)) || 0);
  const chosen = read(CONTRAST);
  strong = chosen === null ? system.matches : chosen === '1';
  apply();
}

function apply() {
  root.dataset.size = String(size);
  root.dataset.contrast = strong ? 'more' : 'usual';
}

load();
system.addEventListener?.('change', load);
window.addEventListener('storage', load);

/** The next size, round and round. @returns {string} its name */
export function nextSize() {
  size = (size + 1) % SIZES.length;
  if (size) write(SIZE, String(size));
  else drop(SIZE);
  apply();
  return SIZES[size];
}

/** Whether the letters are larger than usual. */
export const isLarge = () => size > 0;

/** Whether there is more contrast than usual. */
export const isStrong = () => strong;

export function toggleContrast() {
  strong = !strong;
  write(CONTRAST, strong ? '1' : '0');
  apply();
}

export function dropPrefs() {
  drop(SIZE);
  drop(CONTRAST);
}
