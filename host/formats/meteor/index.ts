import type { Format } from "../../model/format.js"
import { appendMeteor } from "./append.js"
import { checkMeteor } from "./check.js"
import { signatureState } from "./head/header.js"
import { openMeteor } from "./read.js"
import { recoverMeteor } from "./recover.js"
import { indexMeteor } from "./seek.js"
import { writeMeteor } from "./write.js"

/** B'Energy Racing's Meteor: stamped frames of topics and composites. */
export const meteor: Format = {
  name: "meteor",
  title: "Meteor (B'Energy Racing)",
  extensions: [".met", ".b20", ".b23", ".b24"],
  sniff: (head) => (signatureState(head) === "good" ? 2 : signatureState(head) === "text-mode" ? 1 : 0),
  open: (source, options) => openMeteor(source, options),
  write: writeMeteor,
  append: appendMeteor,
  check: checkMeteor,
  recover: recoverMeteor,
  index: indexMeteor,
}
