import * as ds from "@devicescript/core"
import { PARTS } from "../../../devicescript/src/generated/plan.js"
import { ask, exchange, tell } from "../../../devicescript/src/simulator/natives.js"
import { NO_SECTOR, type Sector } from "../../../shared/card/ring.js"
import { PUT as ddff, STREAMS } from "../../../shared/ddff/put.js"
import type { Turner } from "../../../shared/logger/encoder.js"
import { PUT as meteor } from "../../../shared/meteor/put.js"

/**
 * Runs the generated encoders on rows that the host gives. A request is 17 doubles: format (0 Meteor, 1 ddff), group,
 * swapped tick as an int32, values. The slot goes back with the row at byte 2.
 */
const request = Buffer.alloc(8 * 18)
const slot = Buffer.alloc(528)
const sector: Sector = { slot, at: 2, since: 0, sum: 0, summed: 2 }
const values: number[] = []
for (let i = 0; i < 15; i++) values.push(0)
const given: boolean[] = []
const all: number[][] = []
const sectors: Sector[] = []
for (let i = 0; i < STREAMS; i++) {
  given.push(false)
  all.push(values)
  sectors.push(sector)
}
const turner: Turner = { turn: () => NO_SECTOR }

const rows = ask("rows")
for (let n = 0; n < rows; n++) {
  exchange(request)
  for (let i = 0; i < 15; i++) values[i] = request.getAt(24 + 8 * i, "f64")
  const put = request.getAt(0, "f64") === 0 ? meteor : ddff
  sector.at = 2
  sector.summed = 2
  sector.sum = 0
  given[request.getAt(8, "f64")] = true
  put[2 * PARTS[request.getAt(8, "f64")] + 1](turner, sectors, given, all, request.getAt(16, "f64"), 0)
  given[request.getAt(8, "f64")] = false
  slot.setAt(514, "u16", sector.sum)
  slot.setAt(516, "u16", sector.summed)
  exchange(slot)
  if ((n & 63) === 0) await ds.sleep(1)
}
tell("done", 0)
