import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import { cases, goldenBytes, sha256 } from "./golden.js"
import { callsOf, replay } from "./replay.js"

/** Files that the reference filled with bytes of its own memory: summaries of 24-bit signals, corrupted bits. */
const NOT_DETERMINISTIC = ["dtype_u24", "dtype_i24", "bits_unaligned"]
const FILES: Record<string, string> = { truncated: "unclosed.jls", truncated_l1: "unclosed.jls" }

describe("replaying the calls in reference mode", () => {
  test.each(cases.filter((name) => name !== "corrupt" && !NOT_DETERMINISTIC.includes(name)))("%s gives the reference's bytes", (name) => {
    const file = FILES[name] ?? "file.jls"
    const ours = replay(callsOf(name), { reference: true })
    const theirs = goldenBytes(name, file)
    if (theirs !== null) {
      expect(ours.length).toBe(theirs.length)
      expect(firstDifference(ours, theirs)).toBe(-1)
    }
    expect(createHash("sha256").update(ours).digest("hex")).toBe(sha256[`${name}/${file}`])
  })
})

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return -1
  return a.findIndex((byte, i) => byte !== b[i])
}
