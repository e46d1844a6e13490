import * as ds from "@devicescript/core"
import { pins } from "@dsboard/fieldlog_pico"
import "../../../devicescript/src/board/light.js"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { Ring } from "../../../shared/card/ring.js"
import { DdffBlocks } from "../../../shared/ddff/blocks.js"
import type { Encoder, Put } from "../../../shared/encoder.js"
import { MeteorSectors } from "../../../shared/meteor/sectors.js"
import { PUT as ddffPut, SIZES as ddffSizes } from "./ten/ddff/put.js"
import { PUT as meteorPut, SIZES as meteorSizes } from "./ten/meteor/put.js"

// light.js brings what a pin can do: the compiler finds its packages from the devicescript folder only.

/**
 * Encodes rows with GP20 high while it does, a hundred at a time: the loops of `steps.ts`, on a machine whose cycles can be counted. One
 * round is the bare loop, Meteor's lone channel and its group of ten, ddff's the same, and ddff's group of four.
 */
const ROWS = 100
const values = [1, -2, 3, -4, 5, -6, 7, -8, 9, -10]
const counter = Buffer.alloc(8)
const meteorRing = new Ring(12)
const ddffRing = new Ring(12)
const meteor = new MeteorSectors(meteorRing)
const ddff = new DdffBlocks(ddffRing)
fillHeap(34000)
pins.GP20.setMode(ds.GPIOMode.OutputLow)

for (;;) {
  for (let mode = 0; mode < 6; mode++) {
    await ds.sleep(5)
    pins.GP20.setMode(ds.GPIOMode.OutputHigh)
    if (mode === 0) bare()
    else if (mode < 3) encode(meteorRing, meteor, meteorPut[mode - 1], meteorSizes[mode - 1], 507)
    else encode(ddffRing, ddff, ddffPut[mode - 3], ddffSizes[mode - 3], 506)
    pins.GP20.setMode(ds.GPIOMode.OutputLow)
  }
}

function bare(): void {
  for (let n = 0; n < ROWS; n++) {
    if (meteorRing.waiting > 8) drain(meteorRing, meteor)
    counter.setAt(0, "u32", n)
  }
}

function encode(ring: Ring, encoder: Encoder, put: Put, size: number, end: number): void {
  const sector = encoder.rows[0].sector
  const row = { put, sector, last: end - size }
  for (let n = 0; n < ROWS; n++) {
    if (row.sector.at > row.last && !encoder.turn(row.sector, 0)) counter.setAt(4, "u32", n)
    else row.put(row.sector, 12345, values)
    if (ring.waiting > 8) drain(ring, encoder)
    counter.setAt(0, "u32", n)
  }
}

function drain(ring: Ring, encoder: Encoder): void {
  while (ring.waiting > 0) {
    encoder.finish(ring.first(), ring.firstSum(), 1, 2)
    ring.release()
  }
}
