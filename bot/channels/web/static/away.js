// @ts-check
// The page that says what works without a network: lists the guides kept on this phone.

import { guides } from './offline.js';
import './prefs.js';

const kept = await guides().catch(() => []);
const none = document.querySelector('#none');
if (none instanceof HTMLElement) none.hidden = kept.length > 0;
for (const { path, title } of kept) {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = path;
  link.textContent = title;
  item.append(link);
  document.querySelector('#kept')?.append(item);
}
