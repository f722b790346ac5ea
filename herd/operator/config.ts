/**
 * The operator's config file: the keys of opml-opt's config.yml, which are flat YAML. This reads that
 * subset (`key: value` lines, quotes, comments) and refuses the rest by line, so that no setting is
 * silently lost.
 */
import { readFileSync } from 'node:fs';
import { OperatorError } from './errors.js';

export interface OperatorConfig {
  /** Port to listen on. @default 1234 */
  readonly port: number;
  /** URL under which others reach this operator; it listens at the host name in it. */
  readonly host: string;
  /** Name that questions must give. @default the model's own */
  readonly modelName: string | undefined;
  /** GGUF file. @default the demo model */
  readonly modelPath: string | undefined;
  /** URL that heartbeats go to. @default none are sent */
  readonly dispatcher: string | undefined;
  /** Keys that were given and have no effect here, with the reason. */
  readonly unused: readonly string[];
}

/** As in the original's own config file. */
const DEFAULT_PORT = 1234;
const DEFAULT_HOST = 'http://127.0.0.1';
const MAX_PORT = 65_535;

const KEYS = [
  'port',
  'host',
  'model_name',
  'model_path',
  'mongo_uri',
  'mips_program',
  'dispatcher',
];

/** Keys that are taken for the sake of existing files. */
const UNUSED: Readonly<Record<string, string>> = {
  mongo_uri:
    'mongo_uri is not used: requests are kept in memory (the original writes none to its database)',
  mips_program:
    'mips_program is not used: what is disputed is the WebAssembly that computes the answer',
};

/** @throws {CONFIG_NOT_FOUND, CONFIG_INVALID} */
export function readOperatorConfig(path: string): OperatorConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new OperatorError('CONFIG_NOT_FOUND', `the config ${path} cannot be read (${reason})`, {
      hint: 'Give the path of a config.yml with --config, or leave it out for the defaults.',
      details: { path },
      cause,
    });
  }
  return parseOperatorConfig(text, path);
}

/**
 * @param source file name for messages
 * @throws {CONFIG_INVALID} that names the line or the key
 */
export function parseOperatorConfig(text: string, source = 'config'): OperatorConfig {
  const values = parseFlatYaml(text, source);
  const unknown = [...values.keys()].find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw invalid(source, `has the unknown key "${unknown}"`, `There are: ${KEYS.join(', ')}.`);
  }
  return {
    port: readPort(source, values.get('port') ?? String(DEFAULT_PORT)),
    host: readHost(source, values.get('host') ?? DEFAULT_HOST),
    modelName: values.get('model_name'),
    modelPath: values.get('model_path'),
    dispatcher: optionalUrl(source, 'dispatcher', values.get('dispatcher')),
    unused: Object.keys(UNUSED).flatMap((key) => (values.has(key) ? (UNUSED[key] ?? []) : [])),
  };
}

/** Keys and values of `key: value` lines; a key without a value is left out, as one not given. */
function parseFlatYaml(text: string, source: string): Map<string, string> {
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(line) || (index === 0 && line.trimEnd() === '---')) continue;
    const place = `${source}:${index + 1}`;
    const [, key, rest = ''] = /^([\w-]+):(?:\s+(.*))?$/.exec(line) ?? [];
    if (key === undefined) throw invalid(place, 'is no `key: value`', ONLY_FLAT);
    if (seen.has(key)) throw invalid(place, `sets "${key}" again`, 'Keep one of the two lines.');
    seen.add(key);
    const value = readScalar(place, rest.trim());
    if (value !== '') values.set(key, value);
  }
  return values;
}

const ONLY_FLAT =
  'Write one `key: value` a line, without indentation; lists and blocks are not read.';

/** A quoted or plain value, without the comment behind it. */
function readScalar(place: string, text: string): string {
  const [, double] = /^("(?:[^"\\]|\\.)*")\s*(?:\s#.*)?$/.exec(text) ?? [];
  if (double !== undefined) {
    try {
      return JSON.parse(double) as string;
    } catch (cause) {
      throw invalid(place, `has an unknown escape in ${double}`, 'Use single quotes.', cause);
    }
  }
  const [, single] = /^'((?:[^']|'')*)'\s*(?:\s#.*)?$/.exec(text) ?? [];
  if (single !== undefined) return single.replaceAll("''", "'");
  const plain = text.replace(/(^|\s+)#.*$/, '').trimEnd();
  if (/^["'[\]{}&*!|>%@`]/.test(plain) || /:(\s|$)/.test(plain)) {
    throw invalid(place, `has a value that is not read: ${plain}`, `${ONLY_FLAT} Quote the value.`);
  }
  return plain;
}

function readPort(source: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= MAX_PORT) return port;
  throw invalid(source, `has the port "${text}"`, `Give a number from 0 to ${MAX_PORT}; 0 is any.`);
}

/** A URL of nothing but a scheme and a name. */
function readHost(source: string, text: string): string {
  const host = readUrl(source, 'host', text);
  const { origin, port } = new URL(host);
  if (origin === host && port === '') return host;
  const hint =
    'Give only a scheme and a name or address, in lower case; `port` is a key of its own.';
  throw invalid(source, `has the host "${text}"`, hint);
}

function optionalUrl(source: string, key: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : readUrl(source, key, text);
}

/** The URL without a slash at its end. */
function readUrl(source: string, key: string, text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: '' };
  if (protocol === 'http:' || protocol === 'https:') return text.replace(/\/+$/, '');
  throw invalid(source, `has the ${key} "${text}"`, 'Give a URL such as http://127.0.0.1.');
}

function invalid(place: string, what: string, hint: string, cause?: unknown): OperatorError {
  return new OperatorError('CONFIG_INVALID', `${place} ${what}`, { hint, cause });
}
