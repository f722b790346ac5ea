/**
 * The names of the WebAssembly instructions that the machine refuses, so that the error can say what
 * the compiler put in. What is here and what opcodes.ts has are all of WebAssembly 2.0.
 * Source: WebAssembly core specification 2.0, section 5.4.
 */

const PLAIN = `06 try, 07 catch, 08 throw, 09 rethrow, 0a throw_ref, 11 call_indirect,
  12 return_call, 13 return_call_indirect, 14 call_ref, 15 return_call_ref, 18 delegate,
  19 catch_all, 1f try_table, 24 global.set, 25 table.get, 26 table.set, 3f memory.size,
  40 memory.grow, c0 i32.extend8_s, c1 i32.extend16_s, c2 i64.extend8_s, c3 i64.extend16_s,
  c4 i64.extend32_s, d0 ref.null, d1 ref.is_null, d2 ref.func`;

const BULK = `i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u
  i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u memory.init
  data.drop memory.copy memory.fill table.init elem.drop table.copy table.grow table.size
  table.fill`;

const INT_COMPARE = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';

/** Behind 0xfd: the number of the first, then names in order; '-' where there is none. */
const SIMD: readonly (readonly [number, string])[] = [
  [14, 'i8x16.swizzle'],
  [23, 'i8x16.replace_lane'],
  [26, 'i16x8.replace_lane'],
  [29, 'i64x2.extract_lane i64x2.replace_lane'],
  [33, 'f64x2.extract_lane f64x2.replace_lane'],
  [35, withPrefix('i8x16', INT_COMPARE)],
  [45, withPrefix('i16x8', INT_COMPARE)],
  [55, withPrefix('i32x4', INT_COMPARE)],
  [71, withPrefix('f64x2', 'eq ne lt gt le ge')],
  [84, withPrefix('v128', 'load8_lane load16_lane load32_lane load64_lane')],
  [88, withPrefix('v128', 'store8_lane store16_lane store32_lane store64_lane')],
  [94, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4'],
  [96, withPrefix('i8x16', 'abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u')],
  [107, withPrefix('i8x16', 'shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u')],
  [116, 'f64x2.ceil f64x2.floor'],
  [118, withPrefix('i8x16', 'min_s min_u max_s max_u')],
  [122, 'f64x2.trunc i8x16.avgr_u'],
  [124, withPrefix('i16x8', 'extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u')],
  [126, withPrefix('i32x4', 'extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u')],
  [128, withPrefix('i16x8', 'abs neg q15mulr_sat_s all_true bitmask')],
  [133, withPrefix('i16x8', 'narrow_i32x4_s narrow_i32x4_u')],
  [143, 'i16x8.add_sat_s i16x8.add_sat_u'],
  [146, 'i16x8.sub_sat_s i16x8.sub_sat_u f64x2.nearest'],
  [150, withPrefix('i16x8', 'min_s min_u max_s max_u')],
  [155, 'i16x8.avgr_u'],
  [156, withPrefix('i16x8', extendedMultiply('i8x16'))],
  [164, 'i32x4.bitmask'],
  [182, withPrefix('i32x4', 'min_s min_u max_s max_u')],
  [188, withPrefix('i32x4', extendedMultiply('i16x8'))],
  [192, 'i64x2.abs i64x2.neg'],
  [195, 'i64x2.all_true i64x2.bitmask'],
  [199, withPrefix('i64x2', 'extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u')],
  [202, 'i64x2.extend_high_i32x4_u i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add'],
  [209, 'i64x2.sub'],
  [213, 'i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s'],
  [220, withPrefix('i64x2', extendedMultiply('i32x4'))],
  [234, 'f32x4.pmin f32x4.pmax'],
  [236, withPrefix('f64x2', 'abs neg - sqrt add sub mul div min max pmin pmax')],
  [249, 'i32x4.trunc_sat_f32x4_u'],
  [252, withPrefix('i32x4', 'trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero')],
  [254, withPrefix('f64x2', 'convert_low_i32x4_s convert_low_i32x4_u')],
];

/**
 * The name of a refused instruction.
 *
 * @param first its first byte
 * @param number what follows the prefix 0xfc or 0xfd
 */
export function unsupportedName(first: number, number: number): string {
  const hex = first.toString(16).padStart(2, '0');
  if (first === 0xfc) return BULK.split(/\s+/)[number] ?? `0xfc ${number}`;
  if (first === 0xfd) return simdName(number) ?? `0xfd ${number}`;
  const found = PLAIN.split(',').find((entry) => entry.trim().startsWith(`${hex} `));
  return found?.trim().slice(3) ?? `0x${hex}`;
}

function simdName(number: number): string | undefined {
  for (const [first, names] of SIMD) {
    const name = names.split(' ')[number - first];
    if (name !== undefined) return name;
  }
  return undefined;
}

function withPrefix(prefix: string, names: string): string {
  return names
    .split(' ')
    .map((name) => `${prefix}.${name}`)
    .join(' ');
}

function extendedMultiply(from: string): string {
  return ['low', 'high']
    .flatMap((half) => ['s', 'u'].map((sign) => `extmul_${half}_${from}_${sign}`))
    .join(' ');
}
