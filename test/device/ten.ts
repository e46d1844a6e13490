import { ddffPut } from "../../host/gen/ddff.js"
import { meteorPut } from "../../host/gen/meteor.js"
import type { LoggedChannel, LoggedGroup } from "../../shared/channel-list.js"

/** The groups whose encoders the step budget speaks of: a lone four-byte channel, ten of two bytes, and four that make a ddff record of 21 bytes. */
const groups: LoggedGroup[] = [
  { id: 1, name: "lone", rate: 100, source: { driver: "analog", with: [["GP26"]] }, channels: [channel("lone", "i32")] },
  {
    id: 2,
    name: "ten",
    rate: 100,
    source: { driver: "analog", with: [[]] },
    channels: Array.from({ length: 10 }, (_, i) => channel(`c${i}`, "i16")),
  },
  {
    id: 3,
    name: "four",
    rate: 100,
    source: { driver: "analog", with: [[]] },
    channels: [channel("a", "i32"), channel("b", "i16"), channel("c", "i16"), channel("d", "u8")],
  },
]

function channel(name: string, type: LoggedChannel["type"]): LoggedChannel {
  return { name, unit: "", type, calibration: null, simulated: null }
}

/** Their encoders as the generator writes them, for `programs/ten`. */
export function tenFiles(): { path: string; text: string }[] {
  const files = { meteor: meteorPut(groups), ddff: ddffPut(groups) }
  return Object.entries(files).map(([format, text]) => ({
    path: `test/device/programs/ten/${format}/put.ts`,
    text: text.replaceAll('"../', '"../../../../../shared/').replaceAll('"./', `"../../../../../shared/${format}/`),
  }))
}
