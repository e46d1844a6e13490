import "../../../host/bytes/device-buffer.js"
import { PARTS } from "../../../devicescript/src/generated/plan.js"
import { Ring } from "../../../shared/card/ring.js"
import { groups } from "../../../shared/channels.js"
import { DdffBlocks } from "../../../shared/ddff/blocks.js"
import type { Encoder, LogInfo } from "../../../shared/logger/encoder.js"
import { MeteorSectors } from "../../../shared/meteor/sectors.js"
import { createLog, type Machine } from "./machine.js"

/** The logger's formats, as it may be set. */
export type Kind = "meteor" | "ddff"

/** Records a log with the board's own encoders: every group a row each 10 ms, until it is closed or left as a power cut leaves it. */
export async function writeLog(
  m: Machine,
  kind: Kind,
  options: { readonly number: number; readonly session: number; readonly rows: number; readonly close: boolean },
): Promise<string> {
  const ring = new Ring(16)
  const encoder: Encoder = kind === "ddff" ? new DdffBlocks(ring) : new MeteorSectors(ring)
  const name = `LOG${String(options.number).padStart(5, "0")}${encoder.extension}`
  await createLog(m.segment, name, 60_000)
  const info: LogInfo = {
    session: options.session,
    number: options.number, // Every other one has a name of its logger.
    name: options.number % 2 === 0 ? "car-7" : "",
    start: "2025-06-01 12:00:00",
  }
  const slot = Buffer.alloc(528, 0xff)
  for (let n = 0; encoder.lead(slot, n, info); n++) await m.segment.append(slot)
  encoder.begin()
  const drain = async () => {
    while (ring.waiting > 0) {
      encoder.finish(ring.first(), options.session, m.segment.position)
      await m.segment.append(ring.first().slot)
      ring.release()
    }
  }
  const values = new Array<number>(16).fill(0)
  for (let k = 0; k < options.rows; k++) {
    const tick = k * 10
    for (let i = 0; i < values.length; i++) values[i] = (Math.imul(k + 1, 31 * i + options.number * 7) >>> 3) & 0x7fff
    const swapped = Buffer.from([tick >>> 24, tick >>> 16, tick >>> 8, tick]).readInt32LE(0)
    for (const part of new Set(PARTS))
      encoder.put(
        2 * part,
        groups.map(() => true),
        groups.map(() => values),
        swapped,
        tick,
      )
    m.time.micros += 10_000
    await drain()
  }
  encoder.flush(options.rows * 10, 0)
  await drain()
  await m.segment.sync()
  if (options.close) await m.segment.close()
  else m.segment.abandon()
  return `/${name.slice(0, 8)}.${name.slice(8)}`
}
