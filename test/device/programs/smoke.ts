import * as ds from "@devicescript/core"
import { sectorLines } from "./sectors.js"

/** Prints what the encoders make, for the supported way of running a program. */
const lines = sectorLines()
for (let i = 0; i < lines.length; i++) console.log(`sector ${lines[i]}`)
ds.restart()
