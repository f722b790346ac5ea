/**
 * Requests for fuzzing: every route of every part, as clients ask it and as they should not, and
 * addresses, bodies and headers of no sense at all.
 */
import type { Hono } from 'hono';
import { type Chance, NASTY } from './chance.js';
import { type Site, signedItem } from './site.js';

export type Part = 'gateway' | 'bundler' | 'mu' | 'su' | 'cu' | 'node';

export interface FuzzRequest {
  readonly part: Part;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Route {
  readonly part: Part;
  readonly method: string;
  readonly path: string;
}

/** Paths that a part reads by itself, without a router. */
const NODE_PATHS = [
  '/~meta@1.0/info',
  '/~meta@1.0/info/address',
  '/~scheduler@1.0/schedule',
  '/~scheduler@1.0/status',
  '/~scheduler@1.0/slot/current',
  '/~cache@1.0/read=:id',
  '/:id',
  '/push',
  '/schedule',
  '/:id~process@1.0/push',
  '/:id~process@1.0/now',
  '/:id~process@1.0/now/results/output',
  '/:id~process@1.0/compute',
  '/:id~process@1.0/compute/results=:number',
  '/:id~process@1.0/compute&slot=:number/results/json',
  '/:id~process@1.0/as=execution/compute&Action=:id',
  '/:id~process@1.0/slot/current',
  '/:id~process@1.0/schedule',
  '/:id~scheduler@1.0/schedule&from=:number&to=:number',
  '/:id/slot/current',
  '/:id/compute/results=:number',
];

/** The routes that hono knows of an app, and those that are read by hand. */
export function routesOf(part: Part, app: Hono): Route[] {
  const routes = app.routes
    .filter(({ path }) => !path.includes('*'))
    .map(({ method, path }) => ({ part, method: method === 'ALL' ? 'GET' : method, path }));
  if (part !== 'node') return routes;
  const paths = NODE_PATHS.flatMap((path) =>
    ['GET', 'POST'].map((method) => ({ part, method, path })),
  );
  return [...routes, ...paths];
}

const PARTS: readonly Part[] = ['gateway', 'bundler', 'mu', 'su', 'cu', 'node'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'];

export function makeRequest(site: Site, routes: readonly Route[], chance: Chance): FuzzRequest {
  const part = chance.pick(PARTS);
  const route = chance.pick(routes.filter((it) => it.part === part));
  const method = chance.oneIn(12) ? chance.pick(METHODS) : route.method;
  const path = chance.oneIn(15) ? `/${chance.text(30)}` : fillPath(route.path, site, chance);
  const target = `${cleanPath(path)}${makeQuery(route, site, chance)}`;
  const headers = makeHeaders(site, chance);
  if (method === 'GET' || method === 'HEAD') return { part, method, target, headers };
  return { part, method, target, headers, body: makeBody(route, site, chance) };
}

function fillPath(path: string, site: Site, chance: Chance): string {
  return path.replace(/:(\w+)(\{[^}]*\})?\??/g, (_, name: string) => {
    if (chance.oneIn(6)) return chance.pick(NASTY);
    if (name === 'count') return String(chance.below(3));
    if (/number|bytes|height|offset|winston|slot/.test(name)) return String(chance.below(20));
    if (name === 'field') return chance.pick(['owner', 'data', 'tags', 'data.txt', 'reward']);
    return makeId(site, chance);
  });
}

function makeId({ ids, processes }: Site, chance: Chance): string {
  switch (chance.below(8)) {
    case 0:
      return chance.pick(NASTY);
    case 1:
      return 'A'.repeat(43);
    case 2:
      return chance.text(43);
    case 3:
      return chance.pick(ids).slice(0, 42);
    case 4:
      return chance.pick(ids);
    default:
      return chance.pick(processes);
  }
}

/** What a URL may hold; everything else is for the sockets. */
function cleanPath(path: string): string {
  return path.replaceAll(/[^\x21-\x7e]|[#?]/g, (text) => encodeURIComponent(wellFormed(text)));
}

const NAMES = [
  ...['process-id', 'assign', 'base-layer', 'exclude', 'from', 'to', 'limit', 'sort', 'debug'],
  ...['from-nonce', 'to-nonce', 'process', 'message', 'page', 'page-size', 'no-busy', 'query'],
  ...['variables', 'operationName', 'slot', 'target', 'accept', '__proto__', 'constructor'],
];

function makeQuery({ part, path }: Route, site: Site, chance: Chance): string {
  const count = chance.oneIn(3) ? chance.below(5) : 0;
  const pairs = Array.from({ length: count }, () => {
    const name = chance.oneIn(10) ? chance.text(8) : chance.pick(NAMES);
    const values = [makeId(site, chance), chance.text(12), String(chance.below(9)), 'DESC'];
    const value = encodeURIComponent(wellFormed(chance.pick(values)));
    return chance.oneIn(8) ? name : `${name}=${chance.oneIn(8) ? chance.pick(NASTY) : value}`;
  });
  const process = `process-id=${chance.pick(site.processes)}`;
  // A process alone is no request to the root of these two: with a message it is an assignment.
  if (path !== '/') pairs.push(...(chance.oneIn(4) ? [] : [process]));
  else if ((part === 'mu' || part === 'su') && chance.oneIn(4)) {
    pairs.push(process, `assign=${chance.pick(site.ids)}`);
  }
  return pairs.length === 0 ? '' : cleanPath(`~${pairs.join('&')}`).replace('~', '?');
}

function makeHeaders(site: Site, chance: Chance): Record<string, string> {
  const headers: Record<string, string> = {};
  const add = (name: string, values: readonly string[]) => {
    if (chance.oneIn(6)) headers[name] = chance.pick(values);
  };
  add('Content-Type', ['application/json', 'application/octet-stream', 'application/ans104', 'x']);
  add('Content-Length', ['0', '1', '99999999999', '-1', 'x']);
  add('Range', ['bytes=0-1', 'bytes=-1', 'bytes=9-1', 'bytes=0-99999999', 'bytes=a-b', 'x']);
  add('Accept', ['application/json', 'text/event-stream', '*/*', 'application/aos-2']);
  add('codec-device', ['ans104@1.0', 'httpsig@1.0', 'x']);
  add('require-codec', ['application/json', 'x']);
  add('signature', ['sig=:AAAA:', 'http-sig-x=:AAAA:', 'x', 'sig=:']);
  add('signature-input', ['sig=("a");alg="rsa-pss-sha512";keyid="AQAB"', 'sig=(', 'x', '()']);
  add('content-digest', ['sha-256=:AAAA:', 'x']);
  add('slot', [String(chance.below(9)), 'x', '-1']);
  add('target', [makeId(site, chance).replaceAll(/[^\x20-\x7e]/g, '')]);
  add('Access-Control-Request-Headers', ['x', 'a, b']);
  return headers;
}

function makeBody(route: Route, site: Site, chance: Chance): string | Uint8Array {
  if (chance.oneIn(12)) return chance.bytes(chance.below(300));
  if (chance.oneIn(12)) return wellFormed(chance.text(200));
  if (chance.oneIn(400)) return new Uint8Array(150_000);
  if (route.path.includes('graphql')) return JSON.stringify(mutate(graphqlBody(chance), chance));
  if (route.path.includes('dry-run'))
    return JSON.stringify(mutate(dryRunBody(site, chance), chance));
  if (route.path === '/chunk') return JSON.stringify(mutate(site.chunk, chance));
  if (route.path === '/tx' && route.part === 'gateway') {
    return JSON.stringify(mutate(chance.pick(site.transactions), chance));
  }
  if (chance.oneIn(4)) return JSON.stringify(mutate(dryRunBody(site, chance), chance));
  return damage(itemBody(site, chance), chance);
}

function itemBody(site: Site, chance: Chance): Uint8Array {
  const isSpawn = chance.oneIn(40);
  const names = ['Action', 'From-Process', 'Owner', 'From', 'Forwarded-By', 'Cron-Interval', 'Id'];
  const tags = Array.from({ length: chance.below(4) }, () => ({
    name: chance.oneIn(6) ? wellFormed(chance.text(10)) || 'x' : chance.pick(names),
    value: chance.oneIn(3) ? wellFormed(chance.text(20)) : chance.pick(['Eval', 'Echo', 'x']),
  }));
  if (isSpawn) tags.push({ name: 'Module', value: site.module });
  return signedItem(site, chance.pick(['alice', 'bob', 'mallory']), {
    type: isSpawn ? 'Process' : 'Message',
    tags,
    data: chance.oneIn(3) ? chance.bytes(chance.below(60)) : wellFormed(chance.text(60)),
    ...(isSpawn ? {} : { target: chance.pick(site.processes) }),
  });
}

/** Half of all items stay as they are; the others lose, gain or change something. */
function damage(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (chance.oneIn(2)) return bytes;
  const changed = Uint8Array.from(bytes);
  const at = chance.below(changed.length);
  if (chance.oneIn(3)) return changed.subarray(0, at);
  changed[at] = (changed[at] ?? 0) ^ (1 + chance.below(255));
  return chance.oneIn(4) ? Buffer.concat([changed, chance.bytes(20)]) : changed;
}

function dryRunBody(site: Site, chance: Chance): object {
  return {
    Id: '1234',
    Owner: chance.pick([...site.ids, '1234']),
    Target: chance.pick(site.processes),
    Tags: [{ name: 'Action', value: chance.pick(['Eval', 'Echo', 'Info', 'x']) }],
    Data: chance.oneIn(2) ? `return ${chance.below(9)}` : wellFormed(chance.text(30)),
    Anchor: '0',
  };
}

function graphqlBody(chance: Chance): object {
  const deep = chance.below(40);
  return {
    query: chance.pick([
      'query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { id tags { name } } } } }',
      `{ transactions(first: 3, sort: HEIGHT_DESC, tags: [{ name: "Type", values: ["Message"] }]) {
        edges { cursor node { id owner { address } data { size } block { height } } } } }`,
      '{ blocks(first: 2) { edges { node { id height } } } }',
      '{ __schema { types { name fields { name } } } }',
      `{ transactions { edges { node ${'{ parent '.repeat(deep)}{ id }${'}'.repeat(deep)} } } }`,
      `{ ${Array.from({ length: deep }, (_, i) => `a${i}: transactions { count }`).join(' ')} }`,
      `{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }`,
      `{ transactions(after: "${chance.pick(NASTY).slice(0, 20).replaceAll(/["\\]/g, '')}") { count } }`,
      chance.text(60),
    ]),
    variables: { ids: [chance.pick(NASTY)] },
  };
}

/** Without halves of surrogate pairs, which UTF-8 cannot hold. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Changes a JSON value somewhere, or nowhere. */
function mutate(value: unknown, chance: Chance): unknown {
  if (chance.oneIn(3)) return value;
  if (chance.oneIn(5)) return strange(chance);
  if (Array.isArray(value)) {
    if (chance.oneIn(4)) return [...value, ...value, strange(chance)];
    return value.map((entry, i) => (i === 0 ? mutate(entry, chance) : entry));
  }
  if (typeof value !== 'object' || value === null) return strange(chance);
  const entries = Object.entries(value);
  const at = chance.below(entries.length + 1);
  if (at === entries.length) entries.push([chance.pick(NASTY), strange(chance)]);
  return Object.fromEntries(
    entries.map(([name, entry], i) => [name, i === at ? mutate(entry, chance) : entry]),
  );
}

function strange(chance: Chance): unknown {
  return chance.pick<unknown>([
    null,
    true,
    0,
    -1,
    1e300,
    '',
    chance.pick(NASTY),
    [],
    {},
    [[[[[]]]]],
    { ['__proto__']: { polluted: true } },
    wellFormed(chance.text(20)),
  ]);
}
