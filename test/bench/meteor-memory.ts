import { readScaled } from "./meteor-columns.js"

/** A process of its own, so that nothing but the reader is in its memory: `node meteor-memory.js FILE` prints values, seconds and peak bytes. */
const [path = ""] = process.argv.slice(2)
const start = performance.now()
const values = await readScaled(path)
const wall = (performance.now() - start) / 1000
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ values, wall, cpu: (user + system) / 1e6, peak: process.resourceUsage().maxRSS * 1024 }))
