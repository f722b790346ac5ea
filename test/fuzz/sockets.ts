/** Bytes to open ports: requests that are cut, bent and mixed up, as no HTTP client sends them. */
import { connect } from 'node:net';
import { serveUnit } from '../../actors/http/serve.js';
import { type Chance, createChance, NASTY } from './chance.js';
import type { Part } from './requests.js';
import type { Site } from './site.js';

const LINES = [
  'Host: 127.0.0.1',
  'Host: ',
  'Host: a b',
  'Content-Length: 5',
  'Content-Length: -5',
  'Content-Length: 5, 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Connection: close',
  'X: \x01',
  ': no name',
  ' folded',
  'Range: bytes=0-',
];

function makeStream(chance: Chance): string {
  if (chance.oneIn(10)) return Buffer.from(chance.bytes(chance.below(200))).toString('latin1');
  if (chance.oneIn(2)) return bend(makeWhole(chance), chance);
  const method = chance.pick(['GET', 'POST', 'BREW', 'CONNECT', 'get', 'DELETE', 'PRI', 'OPTIONS']);
  const target = chance.pick([
    '/',
    '/info',
    '*',
    'http://a/b',
    '//x',
    '/\0',
    'x',
    '/%',
    '/é',
    '/?%',
  ]);
  const version = chance.pick(['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'http/1.1', '']);
  const count = chance.below(6);
  const lines = Array.from({ length: count }, () =>
    chance.oneIn(5) ? `X-${chance.below(9)}: ${chance.pick(NASTY)}` : chance.pick(LINES),
  );
  const end = chance.pick(['\r\n', '\n', '\r', '\r\n']);
  const head = [`${method} ${target} ${version}`, ...lines].join(end);
  const body = chance.pick([
    '',
    'hello',
    '5\r\nhello\r\n0\r\n\r\n',
    'ffffffffff\r\n',
    '-1\r\n',
    'x'.repeat(500),
  ]);
  const whole = `${head}${end}${end}${body}`;
  return chance.oneIn(4) ? whole.slice(0, chance.below(whole.length)) : whole;
}

/** A request that is right, alone or several at once. */
function makeWhole(chance: Chance): string {
  const body = chance.text(40);
  const bytes = Buffer.byteLength(body);
  const requests = [
    'GET /info HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/1.0\r\n\r\n',
    'OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET http://127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n${body}`,
    `POST /tx HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  ];
  return Array.from({ length: 1 + chance.below(3) }, () => chance.pick(requests)).join('');
}

/** Leaves every other one as it is, and changes a byte of the others, or cuts them off. */
function bend(stream: string, chance: Chance): string {
  if (chance.oneIn(2)) return stream;
  const at = chance.below(stream.length);
  const byte = String.fromCharCode(chance.below(256));
  return chance.oneIn(2) ? stream.slice(0, at) : stream.slice(0, at) + byte + stream.slice(at + 1);
}

export async function sendDamaged(site: Site, count: number, seed: number) {
  const chance = createChance(seed);
  const parts = Object.keys(site.apps) as Part[];
  const servers = await Promise.all(
    parts.map((part) => serveUnit(site.apps[part], { port: 0, purpose: part, option: '' })),
  );
  const answers = new Map<string, number>();
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const server = chance.pick(servers);
    const stream = makeStream(chance);
    const answer = await exchange(server.port, stream);
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? (answer === '' ? 'hung up' : '');
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status === '' || /^5/.test(status)) {
      faults.push(`#${i} ${JSON.stringify(stream.slice(0, 120))}: ${answer.slice(0, 200)}`);
    }
  }
  for (const server of servers) {
    const { status } = await fetch(`${server.url}/`);
    if (status >= 500) faults.push(`${server.url} answers ${status} afterwards`);
    await server.close();
  }
  return { answers, faults };
}

/** Sends, says that nothing will follow, and reads until the other side hangs up. */
function exchange(port: number, stream: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(stream, 'latin1')));
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.on('error', () => resolve(answer)); // reset by the server: it hung up
    socket.on('close', () => resolve(answer));
  });
}
