import { ddffPut } from "../../../host/gen/ddff.js"
import { meteorPut } from "../../../host/gen/meteor.js"
import type { LoggedChannel, LoggedGroup } from "../../../shared/logger/channel-list.js"

/**
 * The groups whose encoders the budget speaks of: `lone` topics of one four-byte channel, `ten` of ten channels of two bytes, and `four`, that
 * make a ddff record of 21 bytes. Several of each, for a turn of the sampler stores many rows; each
 * kind is a part of its own.
 */
function list(lones: number, tens: number, fours: number): LoggedGroup[] {
  const ten = Array.from({ length: 10 }, (_, i) => channel(`c${i}`, "i16"))
  const four = [channel("a", "i32"), channel("b", "i16"), channel("c", "i16"), channel("d", "u8")]
  const channels = [...times(lones, [channel("lone", "i32")]), ...times(tens, ten), ...times(fours, four)]
  return channels.map((channels, i) => ({
    id: i + 1,
    name: `${channels.length === 1 ? "lone" : channels.length === 10 ? "ten" : "four"}${i}`,
    rate: channels.length === 1 ? 100 : channels.length === 10 ? 50 : 20,
    source: { driver: "analog", with: [[]] },
    channels,
  }))
}

/** A group by itself. */
const ONE: LoggedGroup = {
  id: 100,
  name: "one",
  rate: 1000,
  source: { driver: "analog", with: [[]] },
  channels: [channel("one", "i32")],
}

/** Groups of each kind: `programs/kinds.ts` knows them as well. */
const METEOR = { lones: 45, tens: 15 }
const DDFF = { lones: 3, tens: 3, fours: 3 }

function times<T>(n: number, item: T): T[] {
  return Array.from({ length: n }, () => item)
}

function channel(name: string, type: LoggedChannel["type"]): LoggedChannel {
  return { name, unit: "", type, calibration: null, simulated: null }
}

/** Their encoders as the generator writes them, for `programs/ten`. */
export function tenFiles(): { path: string; text: string }[] {
  const files = {
    meteor: meteorPut([...list(METEOR.lones, METEOR.tens, 0), ONE]),
    ddff: ddffPut(list(DDFF.lones, DDFF.tens, DDFF.fours)),
  }
  return Object.entries(files).map(([format, text]) => ({
    path: `test/device/programs/ten/${format}/put.ts`,
    text: text.replaceAll('"../', '"../../../../../shared/').replaceAll('"./', `"../../../../../shared/${format}/`),
  }))
}
