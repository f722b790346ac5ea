/**
 * The transcendental functions, compiled in, because those of a host differ in the last bit from one
 * JavaScript engine to the next. Only IEEE 754 basic operations are used, so the bits are the same
 * everywhere. Series are plain Taylor series on a reduced range; the bounds named here are tested.
 */
const LOG2_E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.69314718036912381649; // 33 bits: n * LN2_HIGH is exact for |n| < 2^20
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const TWO_OVER_PI: f64 = 0.6366197723675814;
const HALF_PI_HIGH: f64 = 1.57079632673412561417; // 33 bits, as above
const HALF_PI_LOW: f64 = 6.07710050650619224932e-11;
/** 2^112 moves the exponent of a half, shifted into place, to that of a float. */
const HALF_TO_FLOAT: f32 = 5192296858534827628530496329220096.0;
/** Below this the f32 result of exp is no longer a normal number; it becomes 0. */
const EXP_MIN: f32 = -87;

/** Four f32 exponentials; relative error at most 2^-22 for -87 <= x <= 88, 0 below, clamped above. */
export function expVector(input: v128): v128 {
  const x = f32x4.min(input, f32x4.splat(88));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269502)));
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let sum = f32x4.splat(1 / 5040.0);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 720.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 120.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 24.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 6.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23);
  const result = i32x4.add(sum, power);
  return v128.and(result, f32x4.ge(x, f32x4.splat(EXP_MIN)));
}

/** exp of one f32, the same bits as a lane of expVector. */
export function expScalar(x: f32): f32 {
  return f32x4.extract_lane(expVector(f32x4.splat(x)), 0);
}

/** exp for |x| <= 700; relative error at most 2^-50. */
export function expDouble(x: f64): f64 {
  const n = nearest(x * LOG2_E);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let sum: f64 = 1;
  for (let k = 14; k > 0; k--) sum = 1 + (sum * r) / f64(k);
  return sum * reinterpret<f64>((i64(n) + 1023) << 52);
}

/** Natural logarithm of a positive normal number; relative error at most 2^-50 away from 1. */
export function logDouble(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let exponent = (bits >> 52) - 1023;
  let mantissa = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent += 1;
  }
  // ln m = 2 artanh(s), and s is at most 0.172.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum: f64 = 0;
  for (let k = 23; k > 0; k -= 2) sum = sum * square + 1 / f64(k);
  return f64(exponent) * LN2_HIGH + (2 * s * sum + f64(exponent) * LN2_LOW);
}

/** sin(x), absolute error at most 2^-48 for |x| <= 10^6. */
export function sinDouble(x: f64): f64 {
  return sinShifted(x, 0);
}

/** cos(x), absolute error at most 2^-48 for |x| <= 10^6. */
export function cosDouble(x: f64): f64 {
  return sinShifted(x, 1);
}

/** sin(x + quarters * pi / 2). */
function sinShifted(x: f64, quarters: i32): f64 {
  const n = nearest(x * TWO_OVER_PI);
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_LOW;
  const quadrant = (i32(n) + quarters) & 3;
  const square = r * r;
  let sum: f64 = 1;
  if (quadrant & 1) {
    for (let k = 18; k > 0; k -= 2) sum = 1 - (sum * square) / f64(k * (k - 1));
  } else {
    for (let k = 19; k > 1; k -= 2) sum = 1 - (sum * square) / f64(k * (k - 1));
    sum *= r;
  }
  return quadrant & 2 ? -sum : sum;
}

/** The sum of four lanes, always in the same order. */
export function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) +
    f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** Four half-precision numbers as floats; exact, but infinity and NaN become 65536 and above. */
export function loadHalves(from: usize): v128 {
  const bits = v128.and(i32x4.shl(v128.load16x4_s(from), 13), i32x4.splat(0x8fffffff));
  return f32x4.mul(bits, f32x4.splat(HALF_TO_FLOAT));
}
