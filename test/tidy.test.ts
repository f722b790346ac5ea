/**
 * The shape of the repository, as a test: who may import whom, how long a file may be, and which
 * words and globals stay out of the core. An error names the file and what to do about it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SKIPPED = new Set(['node_modules', 'dist', '.git', 'models', 'vectors', '.corral', '.peers']);
const MAX_LINES = 400;
const MAX_COLUMNS = 120;

/** Folder -> the folders (or root modules) of ours that it may import. */
const IMPORT_LAW: Record<string, readonly string[]> = {
  arlocal: [],
  pricing: [],
  llama: [],
  opml: ['llama'],
  actors: ['arlocal'],
  herd: ['arlocal', 'pricing', 'llama', 'opml', 'actors'],
  kit: ['arlocal', 'pricing', 'llama', 'opml', 'actors', 'herd'],
  clients: ['actors', 'herd'],
  cli: ['index.ts'],
  scripts: ['index.ts'],
};

/** Globals that would make a run depend on something that was not passed in. */
const AMBIENT = new RegExp(
  [
    'Date\\.now\\(',
    'new Date\\(\\)',
    'Math\\.random\\(',
    'performance\\.now\\(',
    'set(Timeout|Interval)\\(',
    'random(UUID|Bytes)',
    '\\bfetch\\(',
  ].join('|'),
);
const CORE = ['arlocal', 'actors', 'pricing', 'llama', 'opml'];

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

const files = filesUnder(root).map((path) => relative(root, path).split(sep).join('/'));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const sources = files.filter((file) => /\.(ts|lua|mjs)$/.test(file));
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file);

function importsOf(file: string): string[] {
  const specifiers = read(file).matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g);
  return [...specifiers].map((match) => {
    const target = relative(root, resolve(root, dirname(file), match[1] ?? ''));
    return target.split(sep).join('/').replace(/\.js$/, '.ts');
  });
}

describe('the import law', () => {
  for (const [folder, allowed] of Object.entries(IMPORT_LAW)) {
    test(`${folder}/ imports ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}`, () => {
      const broken = files
        .filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.ts'))
        .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
        .filter(({ target }) => folderOf(target) !== folder && !allowed.includes(folderOf(target)))
        .map(({ file, target }) => `${file} imports ${target}: pass it in instead`);
      expect(broken).toEqual([]);
    });
  }

  test('items from outside come in by readItem of the gateway, which knows who may not sign', () => {
    const doors = files.filter((file) => /^(actors|herd|cli|arlocal\/http)\/.*\.ts$/.test(file));
    expect(doors.filter((file) => /\bdecodeDataItem\(/.test(read(file)))).toEqual([]);
  });

  test('index.ts is the only barrel', () => {
    const barrels = files.filter((file) => /(^|\/)index\.ts$/.test(file) && file !== 'index.ts');
    expect(barrels).toEqual([]);
  });

  test('processes/ is Lua and its data only', () => {
    const others = files.filter((file) => /^processes\/.*\.(ts|mjs|js)$/.test(file));
    expect(others).toEqual([]);
  });
});

describe('files', () => {
  test(`have at most ${MAX_LINES} lines of at most ${MAX_COLUMNS} columns`, () => {
    const long = sources.flatMap((file) => {
      const lines = read(file).split('\n');
      const wide = lines.findIndex((line) => line.length > MAX_COLUMNS);
      return [
        ...(lines.length > MAX_LINES + 1 ? [`${file}: ${lines.length} lines, split it`] : []),
        ...(wide >= 0 ? [`${file}:${wide + 1}: wider than ${MAX_COLUMNS} columns`] : []),
      ];
    });
    expect(long).toEqual([]);
  });

  test('are named in kebab-case', () => {
    const odd = sources.filter((file) => !/^[a-z0-9./-]+$/.test(file));
    expect(odd).toEqual([]);
  });

  test('leave nothing open', () => {
    const self = 'test/tidy.test.ts';
    const open = sources.filter(
      (file) => file !== self && /\b(TODO|FIXME|XXX|HACK)\b/.test(read(file)),
    );
    expect(open).toEqual([]);
  });

  test('swallow no error', () => {
    const empty = sources.filter((file) =>
      /catch\s*(\([^)]*\))?\s*\{\s*\}|\.catch\(\s*\(\)\s*=>\s*(\{\s*\}|undefined|null)\s*\)/.test(
        read(file),
      ),
    );
    expect(empty).toEqual([]);
  });
});

describe('the core', () => {
  test('has no clock, randomness, timer or network of its own', () => {
    const ambient = files
      .filter((file) => CORE.includes(folderOf(file)) && file.endsWith('.ts'))
      .flatMap((file) =>
        read(file)
          .split('\n')
          .map((line, index) => ({ line, where: `${file}:${index + 1}` }))
          .filter(({ line }) => AMBIENT.test(line) && !/^\s*(\*|\/\/)/.test(line))
          .map(({ line, where }) => `${where}: ${line.trim()}: take it as an argument`),
      );
    expect(ambient).toEqual([]);
  });

  test('keeps no state in a module', () => {
    const mutable = files
      .filter((file) => CORE.includes(folderOf(file)) && file.endsWith('.ts'))
      .filter((file) => !file.startsWith('llama/engine/'))
      .filter((file) => /^(export )?let /m.test(read(file)))
      .map((file) => `${file}: a top-level let is shared by every network`);
    expect(mutable).toEqual([]);
  });
});

test('links in the documents lead somewhere', () => {
  const dead = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)/g)]
        .map((match) => ({ file, target: match[1] ?? '' }))
        .filter(({ target }) => !existsSync(join(root, dirname(file), target)))
        .map(({ target }) => `${file} -> ${target}`),
    );
  expect(dead).toEqual([]);
});
