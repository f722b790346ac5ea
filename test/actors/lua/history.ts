/** One fixed history of a machine that touches whatever could differ between two runs. */
import { createMachine, type LuaMachine } from '../../../actors/lua/machine.js';
import { imageOf, RUNNER } from './programs.js';

const STEPS = [
  'keys = {} for i = 1, 100 do keys["key" .. i] = i end',
  'local order = {} for k in pairs(keys) do order[#order + 1] = k end return table.concat(order, " ")',
  'local order = {} for k in pairs(_G) do order[#order + 1] = k end return table.concat(order, " ")',
  'return tostring({}) .. tostring(print) .. tostring(coroutine.create(print))',
  'return os.time() .. os.date() .. os.clock() .. tostring(os.getenv("TZ"))',
  'return math.random(1 << 40) .. " " .. math.random()',
  'math.randomseed() return math.random(1 << 40)',
  'local t = setmetatable({}, {__mode = "k"}) for i = 1, 1e4 do t[{}] = i end collectgarbage() return next(t)',
  'return collectgarbage("count")',
  'return 2 ^ 0.5 .. math.sin(1e6) .. math.exp(10) .. 10 // 0.3 .. string.format("%.17g", 0.1)',
  'return select(2, pcall(error, {})) == nil or debug.traceback("here")',
];

/**
 * @param prepare does something to the machine that must make no difference
 * @returns what each step answered, and the state's hash after it
 */
export function history(prepare?: (machine: LuaMachine) => void): string[][] {
  const machine = createMachine(imageOf(RUNNER));
  prepare?.(machine);
  return STEPS.map((source, i) => [machine.evaluate(source, '', i * 1000), machine.hash()]);
}
