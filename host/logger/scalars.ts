import type { RawType } from "../../shared/logger/channel-list.js"

/** Per raw type: width, range, how msgpack marks it at fixed width, what ddff's inventory calls it. */
export const SCALARS: Record<RawType, { size: number; low: number; high: number; msgpack: number; ddff: string }> = {
  u8: { size: 1, low: 0, high: 0xff, msgpack: 0xcc, ddff: "uint8_t" },
  u16: { size: 2, low: 0, high: 0xffff, msgpack: 0xcd, ddff: "uint16_t" },
  u32: { size: 4, low: 0, high: 0xffffffff, msgpack: 0xce, ddff: "uint32_t" },
  i8: { size: 1, low: -0x80, high: 0x7f, msgpack: 0xd0, ddff: "int8_t" },
  i16: { size: 2, low: -0x8000, high: 0x7fff, msgpack: 0xd1, ddff: "int16_t" },
  i32: { size: 4, low: -0x80000000, high: 0x7fffffff, msgpack: 0xd2, ddff: "int32_t" },
}
