/**
 * How ids are written in what people read: by name where there is one, else by the id's ends. Two ids
 * of one name stay apart.
 */

/** First and last three characters of an id, as the kernel's own notices write it: `xU9...h10`. */
export function shortId(id: string): string {
  return id.length <= 9 ? id : `${id.slice(0, 3)}...${id.slice(-3)}`;
}

/** Id -> name, as far as there is one. */
export interface Names {
  get(id: string): string | undefined;
}

/** Labels for ids that occur together: `worker (Dw0...gTQ)` where two of them are called so. */
export function createLabels(names: Names, ids: Iterable<string>): (id: string) => string {
  const holders = new Map<string, Set<string>>();
  for (const id of ids) {
    const name = names.get(id);
    if (name !== undefined) holders.set(name, (holders.get(name) ?? new Set()).add(id));
  }
  return (id) => {
    const name = names.get(id);
    if (name === undefined || name === '') return shortId(id);
    return (holders.get(name)?.size ?? 0) > 1 ? `${name} (${shortId(id)})` : name;
  };
}

const ID = /(?<![\w-])[\w-]{43}(?![\w-])/g;
/** An id as a key, in a path or in a table: ids that are no words of Lua are written like that. */
const KEY = /(?:(?<=[{,] )|(?<=[\w\]]))\["([\w-]{43})"\]/g;
const WORD = /^[A-Za-z_]\w*$/;
const SHORT_ID = /(?<![\w-])[\w-]{3}\.\.\.[\w-]{3}(?![\w-])/g;

/**
 * Puts names for ids into texts: for whole ids, and for the short ones of those who take part, as the
 * kernel writes them in notices.
 */
export function createNaming(names: Names, ids: Iterable<string>): (text: string) => string {
  const part = new Set(ids);
  const label = createLabels(names, part);
  const shorts = new Map([...part].map((id) => [shortId(id), id]));
  const nameOf = (id: string) => {
    const name = names.get(id);
    return name !== undefined && part.has(id) ? label(id) : name;
  };
  const keyOf = (key: string, id: string, at: number, text: string) => {
    const name = nameOf(id);
    if (name === undefined || !WORD.test(name)) return key;
    return text[at - 1] === ' ' ? name : `.${name}`;
  };
  return (text) =>
    text
      .replace(KEY, keyOf)
      .replace(ID, (id) => nameOf(id) ?? id)
      .replace(SHORT_ID, (short) => nameOf(shorts.get(short) ?? '') ?? short);
}
