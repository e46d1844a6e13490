import * as ds from "@devicescript/core"
import { logger } from "../../../devicescript/src/main.js"
import { simulatorMachine } from "../../../devicescript/src/simulator/machine.js"
import { ask, tell } from "../../../devicescript/src/simulator/natives.js"

/** Takes the heap in pieces of 256 bytes until none is left, and tells each; with the logger running or alone. */
const pieces: Buffer[] = []
for (let i = 0; i < 256; i++) pieces.push(Buffer.alloc(0))

async function takeAll(): Promise<void> {
  await ds.sleep(5000)
  for (let i = 0; ; i++) {
    pieces[i] = Buffer.alloc(256)
    tell("piece", i)
  }
}

takeAll.start()
if (ask("logger") === 1) await logger(simulatorMachine())
else await ds.sleep(60000)
