/** Lua's own line hook, as an oracle: the lines that lua_sethook tells of one evaluation. */
import type { LuaMachine } from '../../../actors/lua/machine.js';

const LUA_MASKLINE = 4;
const SOURCE = 16;
const CURRENT_LINE = 24;

/** (module (import "e" "f" (func (param i32 i32))) (export "f" (func 0))) */
const TRAMPOLINE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x06, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x00],
  ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
]);

interface Hooks {
  lua_sethook(state: number, hook: number, mask: number, count: number): void;
}

/** @returns each line entered, as `source:line`; the machine's memory has marks of it afterwards */
export function hookOfLua(machine: LuaMachine, message: string): string[] {
  const seen: string[] = [];
  machine.lend((instance, state) => {
    const { lua } = instance;
    const what = lua.malloc(4);
    instance.buffer.write('Sl\0', what, 'latin1');
    const hook = (thread: number, activation: number) => {
      lua.lua_getinfo(thread, what, activation);
      const source = instance.view.getUint32(activation + SOURCE, true);
      const end = instance.buffer.indexOf(0, source);
      const line = instance.view.getUint32(activation + CURRENT_LINE, true);
      seen.push(`${instance.buffer.toString('utf8', source, end)}:${line}`);
    };
    const module = new WebAssembly.Module(TRAMPOLINE);
    const { exports } = new WebAssembly.Instance(module, { e: { f: hook } });
    const table = lua.__indirect_function_table;
    const index = table.grow(1);
    table.set(index, exports.f);
    (lua as unknown as Hooks).lua_sethook(state, index, LUA_MASKLINE, 0);
  });
  machine.evaluate(message, '');
  return seen;
}
