// @ts-check
// Text of a bot message into elements: paragraphs with their line breaks, steps and warnings set
// apart, the few known phone numbers callable. Never HTML, never links to the web.

const NUMBER = new RegExp(
  '(^|[^\\d\\p{L}.,/-])(1900\\.?0368|1800 ?1096|11[35]|156)' +
    '(?![\\d\\p{L}]|[.,/-]\\d| ?(?:đ|đồng|nghìn|ngàn|triệu|trang)(?!\\p{L}))',
  'gu',
);

/** The bubbles of a message: its text from one of `cuts` to the next.
 * @param {string} text @param {number[]} [cuts] where bubbles begin, besides the first */
export function pieces(text, cuts = []) {
  const ends = [...cuts, text.length];
  return ends.map((end, n) => text.slice(n ? ends[n - 1] : 0, end).trim());
}

/** @param {string} text one bubble's @param {boolean} opens whether it is the first of a guide
 * @returns {DocumentFragment} */
export function paragraphs(text, opens) {
  const all = document.createDocumentFragment();
  for (const part of text.trim().split(/\n{2,}/)) {
    const p = document.createElement('p');
    const [first, ...rest] = part.split('\n');
    if (/^Bước \d+\/\d+:/.test(first)) p.className = 'step';
    else if (/^[⚠‼]/.test(first)) p.className = 'warning';
    // A guide opens with its title; lists have a line with a colon above them.
    const title = opens && !all.childNodes.length;
    const heading = p.className || (rest.length && (title || first.endsWith(':')));
    p.append(line(heading ? 'strong' : 'span', first), ...rest.map((words) => line('span', words)));
    all.append(p);
  }
  return all;
}

/** @param {string} tag @param {string} text */
function line(tag, text) {
  const made = document.createElement(tag);
  made.className = text.startsWith('• ') ? 'line item' : 'line';
  made.append(callable(text));
  return made;
}

/** @param {string} text @returns {DocumentFragment} */
function callable(text) {
  const all = document.createDocumentFragment();
  let at = 0;
  for (const match of text.matchAll(NUMBER)) {
    const start = (match.index ?? 0) + match[1].length;
    const link = document.createElement('a');
    link.href = `tel:${match[2].replace(/\D/g, '')}`;
    link.textContent = match[2];
    all.append(text.slice(at, start), link);
    at = start + match[2].length;
  }
  all.append(text.slice(at));
  return all;
}

/** Whether a message opens a guide: a title above, a step further down. @param {string} text */
export const opensGuide = (text) => /\n\nBước \d+\/\d+:/.test(text);
