/** The kernel's integers of fixed size against BigInt, on cases that carry, borrow and wrap. */
import { expect, it } from 'vitest';
import { createTestProcess } from './console.js';

const BITS = 256n;
const MODULUS = 1n << BITS;
const CASES = 300;

const unsigned = (x: bigint): bigint => ((x % MODULUS) + MODULUS) % MODULUS;
const wrap = (x: bigint): bigint => BigInt.asIntN(Number(BITS), x);

/** Operands with many words of zeros, ones and single top bits, from a fixed sequence. */
function* operands(): Generator<bigint> {
  let seed = 42n;
  const next = (below: bigint): bigint => {
    seed = BigInt.asUintN(64, seed * 6364136223846793005n + 1442695040888963407n);
    return (seed >> 33n) % below;
  };
  for (;;) {
    let value = 0n;
    for (let words = next(9n); words > 0n; words -= 1n) {
      const word = [0n, 0xffffffffn, 0x80000000n][Number(next(6n))] ?? next(1n << 31n);
      value = (value << 32n) | word;
    }
    yield wrap(next(2n) === 0n ? value : -value);
  }
}

function floorDivide(a: bigint, b: bigint): [bigint, bigint] {
  const quotient = a / b;
  const remainder = a % b;
  if (remainder === 0n || remainder < 0n === b < 0n) return [quotient, remainder];
  return [quotient - 1n, remainder + b];
}

function expected(a: bigint, b: bigint): (bigint | boolean)[] {
  const divisor = b === 0n ? 1n : b;
  const [quotient, remainder] = floorDivide(a, divisor);
  return [
    wrap(a + b),
    wrap(a - b),
    wrap(a * b),
    wrap(quotient),
    wrap(remainder),
    wrap(a / divisor),
    wrap(a % divisor),
    wrap(unsigned(a) / unsigned(divisor)),
    a < b,
    a <= b,
    a === b,
    wrap(-a),
    wrap(a ^ b),
    wrap(unsigned(a) << 37n),
    wrap(unsigned(a) >> 37n),
  ];
}

it(`agrees with BigInt on ${CASES} pairs`, () => {
  const process = createTestProcess();
  process.evaluate(`
    local bint = require('.bint')(256)
    function Compute(a, b)
      a, b = bint(a), bint(b)
      local d = bint.iszero(b) and bint(1) or b
      local out = { a + b, a - b, a * b, a // d, a % d, bint.tdiv(a, d), bint.tmod(a, d),
        bint.udiv(a, d), a < b, a <= b, a == b, -a, a ~ b, a << 37, a >> 37 }
      for i = 1, #out do out[i] = tostring(out[i]) end
      return table.concat(out, ' ')
    end`);
  const source = operands();
  for (let i = 0; i < CASES; i += 1) {
    const a = source.next().value as bigint;
    const b = source.next().value as bigint;
    expect(process.evaluate(`return Compute('${a}', '${b}')`), `${a} and ${b}`).toBe(
      expected(a, b).join(' '),
    );
  }
});

it('has any size that is a multiple of 32 bits', () => {
  const process = createTestProcess();
  const power = (bits: number) => `(require('.bint')(${bits}).maxinteger())`;
  expect(process.evaluate(`return tostring(${power(32)})`)).toBe(String(2n ** 31n - 1n));
  expect(process.evaluate(`return tostring(${power(1024)})`)).toBe(String(2n ** 1023n - 1n));
  expect(() => process.evaluate("require('.bint')(100)")).toThrow('not multiple');
});
