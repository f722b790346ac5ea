/**
 * A module of our own with the interface of AO's, compiled when a test wants it: what tests need
 * that must not depend on a peer. Its first letter of `Data` is its command.
 */
import asc from 'assemblyscript/asc';

const SOURCE = `
@external("env", "emscripten_date_now") declare function now(): f64;
@external("env", "_abort_js") declare function stop(): void;
@external("env", "emscripten_resize_heap") declare function resize(bytes: u32): i32;

const STACK_END: u32 = 65536;
const STACK_BASE: u32 = 131072;
const HEAP: u32 = 131072;
const REPLY: u32 = 4096;
let pointer: u32 = STACK_BASE;
let top: u32 = HEAP + 65536;

export function emscripten_stack_get_end(): u32 { return STACK_END; }
export function emscripten_stack_get_current(): u32 { return pointer; }
export function _emscripten_stack_restore(to: u32): void { pointer = to; }
export function _emscripten_stack_alloc(size: u32): u32 {
  pointer = (pointer - size) & ~15;
  return pointer;
}
export function sbrk(size: u32): u32 { return load<u32>(8); }
export function __wasm_call_ctors(): void { store<u32>(8, top); }

function write(at: u32, text: string): u32 {
  for (let i = 0; i < text.length; i++) store<u8>(at + i, <u8>text.charCodeAt(i));
  store<u8>(at + text.length, 0);
  return at + text.length;
}
function writeNumber(at: u32, value: u32): u32 {
  if (value >= 10) at = writeNumber(at, value / 10);
  store<u8>(at, <u8>(48 + value % 10));
  return at + 1;
}
function answer(value: u32): u32 {
  let at = write(REPLY, '{"ok":true,"response":{"Messages":[],"Output":"');
  at = writeNumber(at, value);
  write(at, '"}}');
  return REPLY;
}
function branch(n: u32): u32 { return n == 60 ? n : branch(n + 1) + branch(n + 1); }
function descend(n: u32): u32 { return n == 0 ? 0 : 1 + descend(n + 1); }

function commandOf(message: u32): u8 {
  const key = '"Data":"';
  for (let at = message; load<u8>(at) != 0; at++) {
    let i = 0;
    while (i < key.length && load<u8>(at + i) == <u8>key.charCodeAt(i)) i++;
    if (i == key.length) return load<u8>(at + i);
  }
  return 0;
}

export function handle(message: u32, env: u32): u32 {
  const command = commandOf(message);
  const count = load<u32>(HEAP) + 1;
  store<u32>(HEAP, count);
  if (command == 0x6d) { // m: more memory
    const end = load<u32>(8);
    if (resize(end + 1048576) == 0) stop();
    store<u32>(8, end + 1048576);
    store<u32>(end + 1048572, count);
  }
  if (command == 0x73) store<u32>((pointer -= 4096) + 8, count); // s: on the stack
  if (command == 0x73) pointer += 4096;
  if (command == 0x65) { // e: an error
    write(REPLY, '{"ok":true,"response":{"Error":"no"}}');
    return REPLY;
  }
  if (command == 0x61) stop(); // a: abort
  if (command == 0x74) unreachable(); // t: trap
  if (command == 0x6c) while (true) store<u32>(HEAP + 4, load<u32>(HEAP + 4) + 1); // l: loop
  if (command == 0x62) return answer(branch(1)); // b: calls without a loop
  if (command == 0x64) return answer(descend(1)); // d: deeper and deeper
  if (command == 0x63) return answer(<u32>now()); // c: the clock
  return answer(count);
}
`;

/** The binary: data, a stack of one page, and a heap. */
export async function compileTally(): Promise<Uint8Array> {
  const { error, binary, stderr } = await asc.compileString(SOURCE, {
    runtime: 'stub',
    initialMemory: 4,
    memoryBase: 16_384,
    exportTable: true,
    noAssert: true,
    optimizeLevel: 2,
  });
  if (error || !binary) throw new Error(`${error?.message}: ${stderr.toString()}`);
  return binary;
}
