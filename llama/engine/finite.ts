/** The check that ends every operator: a value that is not finite must not go further. */

/** The bits of infinity: those of finite numbers, without the sign, are below. */
const INFINITE: i32 = 0x7f800000;

/** Whether `count` floats (a multiple of 4) are finite. */
export function isAllFinite(from: usize, count: i32): bool {
  const end = from + usize(count) * 4;
  let most = i32x4.splat(0);
  for (; from < end; from += 16) {
    most = i32x4.max_s(most, v128.and(v128.load(from), i32x4.splat(0x7fffffff)));
  }
  return i32x4.all_true(i32x4.lt_s(most, i32x4.splat(INFINITE)));
}
