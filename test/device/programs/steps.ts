import * as ds from "@devicescript/core"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { ask, exchange } from "../../../devicescript/src/simulator/natives.js"
import { Ring } from "../../../shared/card/ring.js"
import { DdffBlocks } from "../../../shared/ddff/blocks.js"
import type { Encoder, Put } from "../../../shared/encoder.js"
import { MeteorSectors } from "../../../shared/meteor/sectors.js"
import { PUT as ddffPut, SIZES as ddffSizes } from "./ten/ddff/put.js"
import { PUT as meteorPut, SIZES as meteorSizes } from "./ten/meteor/put.js"

/**
 * Encodes rows until the machine stops it for taking too many steps in one turn, and counts them in a buffer that the host
 * watches: the fewer steps a row takes, the more rows fit. Mode 0 is the bare loop; 1 and 2 Meteor, 3 and 4 ddff, each the lone
 * channel and the group of ten; 5 ddff's group of four.
 */
const mode = ask("mode")
const counter = Buffer.alloc(8)
const ring = new Ring(16)
const encoder: Encoder = mode < 3 ? new MeteorSectors(ring) : new DdffBlocks(ring)
const group = mode === 5 ? 2 : mode === 2 || mode === 4 ? 1 : 0
const put: Put = (mode < 3 ? meteorPut : ddffPut)[group]
const size = (mode < 3 ? meteorSizes : ddffSizes)[group]
const sector = encoder.rows[0].sector
const row = { put, sector, last: (mode < 3 ? 507 : 506) - size }
const values = [1, -2, 3, -4, 5, -6, 7, -8, 9, -10]
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
  if (row.sector.at > row.last && !encoder.turn(row.sector, 0)) counter.setAt(4, "u32", n)
  else row.put(row.sector, 12345, values)
  if (ring.waiting > 8) drain()
  counter.setAt(0, "u32", n)
}

function drain(): void {
  while (ring.waiting > 0) {
    encoder.finish(ring.first(), ring.firstSum(), 1, 2)
    ring.release()
  }
}
