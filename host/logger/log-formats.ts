import "../bytes/device-buffer.js"
import { BtsfRows } from "../../shared/btsf/rows.js"
import type { Ring } from "../../shared/card/ring.js"
import { DdffBlocks } from "../../shared/ddff/blocks.js"
import type { Encoder } from "../../shared/logger/encoder.js"
import { MeteorSectors } from "../../shared/meteor/sectors.js"

/** A format that the logger can write. */
interface LogFormat {
  /** The board's own encoder. */
  encoder(ring: Ring): Encoder
  /** True when a log holds only the first group that is on, and the card must have its header. */
  readonly oneGroup: boolean
}

/** The formats that `LOGGER.CFG` may name. */
export const LOG_FORMATS: Readonly<Record<string, LogFormat>> = {
  meteor: { encoder: (ring) => new MeteorSectors(ring), oneGroup: false },
  ddff: { encoder: (ring) => new DdffBlocks(ring), oneGroup: false },
  btsf: { encoder: (ring) => new BtsfRows(ring, Buffer.alloc(0)), oneGroup: true },
}

/** The format that settings name. @throws RangeError for a name that the settings' own parser refuses */
export function logFormat(name: string): LogFormat {
  const format = LOG_FORMATS[name]
  if (format === undefined) throw new RangeError(`${name} is no format of the logger`)
  return format
}
