/** Reads XML strictly enough to say whether it is well-formed. */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const NAME = '[A-Za-z_][\\w:.-]*';
const ATTRIBUTE = new RegExp(`\\s+(${NAME})="([^"<]*)"`, 'y');
const OPEN = new RegExp(`<(${NAME})`, 'y');
const CLOSE = new RegExp(`</(${NAME})\\s*>`, 'y');
const TEXT = /[^<]+/y;

/** @returns the elements in the order of their beginnings; throws where the text is not well-formed */
export function readXml(text: string): XmlElement[] {
  const elements: XmlElement[] = [];
  const open: string[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const fail = (reason: string) => new Error(`${reason} at ${at}: ${text.slice(at, at + 60)}`);
  while (at < text.length) {
    const content = take(TEXT)?.[0];
    if (content !== undefined) {
      if (open.length === 0 && content.trim() !== '') throw fail('text outside of the root');
      checkText(content, fail);
      continue;
    }
    const closed = take(CLOSE)?.[1];
    if (closed !== undefined) {
      if (open.pop() !== closed) throw fail(`unexpected </${closed}>`);
      continue;
    }
    const name = take(OPEN)?.[1];
    if (name === undefined) throw fail('no tag');
    if (open.length === 0 && elements.length > 0) throw fail('a second root');
    const attributes: Record<string, string> = {};
    for (let found = take(ATTRIBUTE); found; found = take(ATTRIBUTE)) {
      const [, key = '', value = ''] = found;
      if (key in attributes) throw fail(`${key} twice`);
      checkText(value, fail);
      attributes[key] = value;
    }
    elements.push({ name, attributes });
    if (take(/\s*\/>/y)) continue;
    if (!take(/\s*>/y)) throw fail('an unfinished tag');
    open.push(name);
  }
  if (open.length > 0) throw fail(`<${open.join('><')}> left open`);
  return elements;
}

function checkText(content: string, fail: (reason: string) => Error): void {
  if (/&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i.test(content)) throw fail('a bare &');
  const legal = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
  if (!legal.test(content)) throw fail('a character that XML has no place for');
}
