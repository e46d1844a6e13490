import * as ds from "@devicescript/core"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { ask, exchange } from "../../../devicescript/src/simulator/natives.js"
import { Ring } from "../../../shared/card/ring.js"
import { DDFF_FOUR, DDFF_LONE, DDFF_TEN, encoderOf, givenOf, METEOR_LONE, METEOR_TEN, valuesOf } from "./kinds.js"

/**
 * Encodes rows until the machine stops it for taking too many steps in one turn, and counts the encoder's calls in a buffer that the host
 * watches: the fewer steps a row takes, the more rows fit. Mode 0 is the bare loop; each other one a kind of rows, as many as the list has groups
 * of it in each call.
 */
const kinds = [METEOR_LONE, METEOR_LONE, METEOR_TEN, DDFF_LONE, DDFF_TEN, DDFF_FOUR]
const mode = ask("mode")
const counter = Buffer.alloc(8)
const ring = new Ring(16)
const encoder = encoderOf(kinds[mode].ddff, ring)
const part = kinds[mode].part
const given = givenOf(kinds[mode])
const values = valuesOf(kinds[mode], [1, -2, 3, -4, 5, -6, 7, -8, 9, -10])
fillHeap(30000)
exchange(counter)
await ds.sleep(10)

if (mode === 0) {
  for (let n = 0; ; n++) {
    if (ring.waiting > 8) drain()
    counter.setAt(0, "u32", n)
  }
}

for (let n = 0; ; n++) {
  const lost = encoder.put(2 * part, given, values, 12345, 0)
  if (lost > 0) counter.setAt(4, "u32", lost)
  if (ring.waiting > 8) drain()
  counter.setAt(0, "u32", n)
}

function drain(): void {
  while (ring.waiting > 0) {
    encoder.finish(ring.first(), 1, 2)
    ring.release()
  }
}
