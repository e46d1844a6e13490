import type { Ring } from "../../../shared/card/ring.js"
import { DdffBlocks } from "../../../shared/ddff/blocks.js"
import type { Encoder } from "../../../shared/logger/encoder.js"
import { MeteorSectors } from "../../../shared/meteor/sectors.js"
import { PUT as ddffPut, STREAMS } from "./ten/ddff/put.js"
import { PUT as meteorPut } from "./ten/meteor/put.js"

/** Rows of the lists in test/sim/device/ten.ts: so many groups of a kind follow each other there. */
export interface Kind {
  ddff: boolean
  /** Its part of the list. */
  part: number
  /** The first group. */
  from: number
  groups: number
  /** Of each group. */
  channels: number
}

export const METEOR_LONE: Kind = { ddff: false, part: 0, from: 0, groups: 45, channels: 1 }
export const METEOR_TEN: Kind = { ddff: false, part: 1, from: 45, groups: 15, channels: 10 }
/** One by itself. */
export const METEOR_ONE: Kind = { ddff: false, part: 2, from: 60, groups: 1, channels: 1 }
export const DDFF_LONE: Kind = { ddff: true, part: 0, from: 0, groups: 3, channels: 1 }
export const DDFF_TEN: Kind = { ddff: true, part: 1, from: 3, groups: 3, channels: 10 }
export const DDFF_FOUR: Kind = { ddff: true, part: 2, from: 6, groups: 3, channels: 4 }

/** The logger's encoder with the code of these lists. */
export function encoderOf(ddff: boolean, ring: Ring): Encoder {
  return ddff ? new DdffBlocks(ring, ddffPut, STREAMS) : new MeteorSectors(ring, meteorPut)
}

/** A turn in which each group of a kind has a row. */
export function givenOf(kind: Kind): boolean[] {
  const given: boolean[] = []
  for (let i = 0; i < groupsOf(kind); i++) given.push(i >= kind.from && i < kind.from + kind.groups)
  return given
}

/** The same values for every group. */
export function valuesOf(kind: Kind, values: number[]): number[][] {
  const all: number[][] = []
  for (let i = 0; i < groupsOf(kind); i++) all.push(values)
  return all
}

function groupsOf(kind: Kind): number {
  return kind.ddff ? STREAMS : METEOR_LONE.groups + METEOR_TEN.groups + METEOR_ONE.groups
}
