import type { Format } from "../../format.js"
import { checkDdff } from "./check.js"
import { openDdff } from "./log.js"
import { recoverDdff } from "./recover.js"
import { repairDdff } from "./repair.js"
import { sniff } from "./sniff.js"
import { writeDdff } from "./write.js"

/** DelftDataFileFormat: blocks with CRC, streams of msgpack records. */
export const ddff: Format = {
  name: "ddff",
  title: "DelftDataFileFormat (DUECA)",
  extensions: [".ddff"],
  sniff,
  open: openDdff,
  write: writeDdff,
  check: checkDdff,
  recover: recoverDdff,
  repair: repairDdff,
}
