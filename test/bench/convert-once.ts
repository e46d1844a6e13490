/** `convert-once PATH TARGET`: converts one Meteor race-lap file to a sink that only counts, and prints peak memory (MB) and seconds as JSON. */

import { openMeteor } from "../../host/formats/meteor/read.js"
import { fileSource } from "../../host/io/file-source.js"
import { targetFor } from "../../host/registry/targets.js"
import { raceLapSpec } from "../generate/race-lap.js"
import { CountingOutput } from "./counting-output.js"

const [path = "", target = ""] = process.argv.slice(2)
const start = performance.now()

const log = await openMeteor(await fileSource(path), { spec: raceLapSpec })
const output = new CountingOutput(target)
await targetFor("", target).write(log, output, target === "mlg" ? { rate: 100 } : {})
await log.close()
if (output.bytes === 0) throw new Error(`${target} wrote nothing`)
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
const seconds = (performance.now() - start) / 1000
console.log(JSON.stringify({ peak: Math.round(maxRSS / 1024), seconds, cpu: (userCPUTime + systemCPUTime) / 1e6 }))
