/** Logs of messages that modules are tried with: what a process of aos does, and simple programs. */
import type { Tag } from '../../../arlocal/tags.js';

const OWNER = 'o'.repeat(43);
const PROCESS = 'p'.repeat(43);
const MODULE = 'm'.repeat(43);
const STRANGER = 'f'.repeat(43);

export const ENVIRONMENT = {
  Process: { Id: PROCESS, Owner: OWNER, Tags: [{ name: 'Name', value: 'test' }] as Tag[] },
  Module: { Id: MODULE, Owner: OWNER, Tags: [] as Tag[] },
};

/** A message as AO's compute unit gives it to a module. */
export interface LogMessage {
  readonly Id: string;
  readonly Owner: string;
  readonly From: string;
  readonly Nonce: number;
  readonly Timestamp: number;
  readonly Tags: readonly Tag[];
  readonly Data: string;
}

function createMessage(nonce: number, tags: Record<string, string>, data: string, from = OWNER) {
  return {
    Id: nonce === 0 ? PROCESS : `i${nonce}`.padStart(43, '0'),
    Owner: from,
    From: from,
    Target: PROCESS,
    Module: MODULE,
    Timestamp: 1_700_000_000_000 + nonce * 1000,
    'Block-Height': 1000 + nonce,
    'Hash-Chain': 'x',
    Epoch: 0,
    Nonce: nonce,
    Cron: false,
    'Read-Only': false,
    Tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
    Data: data,
  };
}

/** Lua for `Action=Eval`, or the tags of a message from somebody else. */
const STEPS: readonly (string | Record<string, string>)[] = [
  '1 + 1',
  'x = (x or 0) + 1; return x',
  'return os.time()',
  'return math.random(1000)',
  'return os.clock()',
  'error("no")',
  'return x',
  'this is no lua',
  'y = nil + 1',
  `Handlers.add("ping", Handlers.utils.hasMatchingTag("Action", "Ping"), function(m)
    Count = (Count or 0) + 1
    ao.send({ Target = m.From, Data = "pong " .. Count, Tags = { Action = "Pong" } })
  end) return "ok"`,
  { Action: 'Ping' },
  { Action: 'Ping' },
  { Action: 'Other' },
  't = {} for i = 1, 20000 do t[i] = { i, tostring(i) } end return #t',
  't = nil; collectgarbage(); return collectgarbage("count") > 0',
  'big = string.rep("x", 2 * 1024 * 1024); return #big',
  'return #big:gsub("x", "y")',
  `co = coroutine.create(function(a) for _ = 1, 5 do a = coroutine.yield(a + 1) end end)
  local _, v = coroutine.resume(co, 1) return v`,
  'local _, v = coroutine.resume(co, 10); return v',
  `ao.spawn("${MODULE}", { Tags = { A = "1" } }) return "spawned"`,
  `ao.send({ Target = "${STRANGER}", Data = string.rep("d", 1000) }) print("hi") return 1`,
  'return pcall(function() error({ code = 1 }) end)',
  'local s = {} for k in pairs({ a = 1, b = 2, c = 3, d = 4 }) do s[#s + 1] = k end return table.concat(s)',
  'return os.date("!%Y-%m-%d %H:%M:%S", 1700000000)',
  'return os.date("%c", 86400)',
  'local f = io.open("/tmp/a.txt", "w"); if f then f:write("hello\\n"); f:close() end return f ~= nil',
  'local f = io.open("/tmp/a.txt", "r"); if not f then return "none" end local s = f:read("*a"); f:close(); return s',
  'return tostring(io.open("/nope", "r"))',
  'return os.getenv("HOME") or "nil"',
  'io.write("to stdout\\n"); io.stderr:write("err\\n"); return "w"',
  'local function f(n) return f(n + 1) + 1 end return pcall(f, 1)',
  'return string.format("%5.2f %d %s %q", 1.5, 3, "a", "b\\n")',
  'local s = 0 for i = 1, 200000 do s = s + math.sin(i) end return s',
  'return require("json").encode({ a = { 1, 2, 3 }, b = "x" })',
  'big2 = string.rep("ab", 20 * 1024 * 1024); return #big2',
  'big2 = nil; collectgarbage() return 1',
  'os.exit(3)',
  'x = x + 1 return x',
  'return "ü€😀"',
  'return #Inbox',
  { Action: 'Ping' },
  'return Count',
  'return os.clock()',
];

/** What a process of aos is told in its life. */
export const AOS_LOG: readonly LogMessage[] = [
  createMessage(0, { Type: 'Process', Module: MODULE, 'Data-Protocol': 'ao' }, '1984'),
  ...STEPS.map((step, i) =>
    typeof step === 'string'
      ? createMessage(i + 1, { Action: 'Eval' }, step)
      : createMessage(i + 1, step, '', STRANGER),
  ),
];

/** Takes all the memory that there is, and then goes on. */
export const HUNGRY_LOG: readonly LogMessage[] = [
  ...AOS_LOG.slice(0, 3),
  createMessage(
    3,
    { Action: 'Eval' },
    'local t = {} while true do t[#t + 1] = ("z"):rep(2^23) .. #t end',
  ),
  createMessage(4, { Action: 'Eval' }, 'return x'),
];

const ACTIONS = ['echo', 'inc', 'inc', 'Date', 'Random', 'Directory', 'inc', 'Memory', 'inc'];
const FUNCTIONS = ['hello', 'world', 'hello', 'nope'];

/** What the test programs of ao-loader and of AO's compute unit know. */
export const PROGRAM_LOG: readonly LogMessage[] = [
  ...ACTIONS.map((action, i) => createMessage(i + 1, { Action: action }, 'ü€😀')),
  ...FUNCTIONS.map((name, i) => createMessage(i + 20, { function: name, name: 'bob' }, '')),
  createMessage(30, { Action: 'echo' }, 'x'.repeat(50_000)),
  createMessage(31, { Action: 'inc' }, ''),
];
