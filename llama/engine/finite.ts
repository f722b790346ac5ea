/** The check that ends every operator: a value that is not finite must not go further. */

/** Whether `count` floats (a multiple of 4) are finite: 0 times such a number is 0, else NaN. */
export function isAllFinite(from: usize, count: i32): bool {
  const end = from + usize(count) * 4;
  let sum = f32x4.splat(0);
  for (; from < end; from += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(from), f32x4.splat(0)));
  }
  return i32x4.all_true(f32x4.eq(sum, f32x4.splat(0)));
}
