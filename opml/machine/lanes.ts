/**
 * The kinds of lanes that a 16-byte slot is read and written in, and the names that generated code
 * has for them: a typed array over all slots, and where a slot's first lane is in it.
 */

export const LANE_TYPES = {
  i8: { array: 'I8', base: 'base16', perSlot: 16 },
  u8: { array: 'U8', base: 'base16', perSlot: 16 },
  i16: { array: 'I16', base: 'base8', perSlot: 8 },
  u16: { array: 'U16', base: 'base8', perSlot: 8 },
  i32: { array: 'I32', base: 'base4', perSlot: 4 },
  u32: { array: 'U32', base: 'base4', perSlot: 4 },
  f32: { array: 'F32', base: 'base4', perSlot: 4 },
  i64: { array: 'I64', base: 'base2', perSlot: 2 },
  u64: { array: 'U64', base: 'base2', perSlot: 2 },
  f64: { array: 'F64', base: 'base2', perSlot: 2 },
} as const;
export type LaneType = keyof typeof LANE_TYPES;

/** The typed arrays over the slots, by the names in generated code. */
export function laneArrays(slots: ArrayBuffer) {
  return {
    I8: new Int8Array(slots),
    U8: new Uint8Array(slots),
    I16: new Int16Array(slots),
    U16: new Uint16Array(slots),
    I32: new Int32Array(slots),
    U32: new Uint32Array(slots),
    F32: new Float32Array(slots),
    I64: new BigInt64Array(slots),
    U64: new BigUint64Array(slots),
    F64: new Float64Array(slots),
  };
}

/** JavaScript for one lane of a slot. */
export function lane(type: LaneType, slot: number, index: number): string {
  const { array, base, perSlot } = LANE_TYPES[type];
  return `${array}[${base}+${perSlot * slot + index}]`;
}
