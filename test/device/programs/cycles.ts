import * as ds from "@devicescript/core"
import { pins } from "@dsboard/fieldlog_pico"
import "../../../devicescript/src/board/light.js"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { Ring } from "../../../shared/card/ring.js"
import type { Encoder } from "../../../shared/logger/encoder.js"
import { DDFF_FOUR, DDFF_LONE, DDFF_TEN, encoderOf, givenOf, METEOR_LONE, METEOR_TEN, valuesOf } from "./kinds.js"

// light.js brings what a pin can do: the compiler finds its packages from the devicescript folder only.

/**
 * Encodes rows with GP20 high while it does, fifteen a call or as many as the list has groups: the loops of `steps.ts`, on a machine whose
 * cycles can be counted. One round is the bare loop and each kind of rows.
 */
const CALLS = 10
const values = [1, -2, 3, -4, 5, -6, 7, -8, 9, -10]
const counter = Buffer.alloc(8)
const meteorRing = new Ring(12)
const ddffRing = new Ring(12)
const meteor = encoderOf(false, meteorRing)
const ddff = encoderOf(true, ddffRing)
const kinds = [METEOR_LONE, METEOR_TEN, DDFF_LONE, DDFF_TEN, DDFF_FOUR]
const givens: boolean[][] = []
for (let i = 0; i < kinds.length; i++) givens.push(givenOf(kinds[i]))
const meteorValues = valuesOf(METEOR_LONE, values)
const ddffValues = valuesOf(DDFF_LONE, values)
fillHeap(20000)
pins.GP20.setMode(ds.GPIOMode.OutputLow)

for (;;) {
  for (let mode = 0; mode < 6; mode++) {
    await ds.sleep(5)
    pins.GP20.setMode(ds.GPIOMode.OutputHigh)
    if (mode === 0) bare()
    else if (mode < 3) encode(meteorRing, meteor, kinds[mode - 1].part, givens[mode - 1], meteorValues)
    else encode(ddffRing, ddff, kinds[mode - 1].part, givens[mode - 1], ddffValues)
    pins.GP20.setMode(ds.GPIOMode.OutputLow)
  }
}

function bare(): void {
  for (let n = 0; n < CALLS; n++) {
    if (meteorRing.spare < 2) drain(meteorRing, meteor)
    counter.setAt(0, "u32", n)
  }
}

function encode(ring: Ring, encoder: Encoder, part: number, given: boolean[], values: number[][]): void {
  for (let n = 0; n < CALLS; n++) {
    if (encoder.put(2 * part, given, values, 12345, 0) > 0) throw new Error("a row was lost")
    if (ring.spare < 2) drain(ring, encoder)
    counter.setAt(0, "u32", n)
  }
}

function drain(ring: Ring, encoder: Encoder): void {
  while (ring.waiting > 0) {
    encoder.finish(ring.first(), 1, 2)
    ring.release()
  }
}
