import { join } from "node:path"
import { deviceFolder } from "../sim/device/build.js"
import { demo } from "./demo.js"

/** `npm run demo`. */
try {
  await demo({
    minutes: 10,
    folder: join(deviceFolder, "..", "demo"),
    print: (line) => process.stdout.write(`${line}\n`),
  })
} catch (error) {
  process.stderr.write(`demo: ${(error as Error).message}\n`)
  process.exitCode = 1
}
