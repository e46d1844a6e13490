import { describe, expect, test, vi } from "vitest"
import { memoryDisk } from "../sim/card/disk.js"
import { logsOn, tinyCard } from "../sim/device/cards.js"
import { startInNode } from "../sim/device/in-node.js"
import { verdict } from "./verdict.js"

vi.setConfig({ testTimeout: 60_000 })

/** A card that the logger recorded onto for some seconds of its own clock, then closed. */
async function recorded(format: "meteor" | "ddff", ms: number): Promise<Buffer> {
  const image = await tinyCard()
  const logger = startInNode(memoryDisk(image), { format, fileBytes: 1 << 20 })
  if (ms === 0) logger.close()
  await logger.time.run(ms + 500)
  logger.close()
  await logger.time.run(ms + 3000)
  return image
}

describe("the verdict on an emulated card", () => {
  test.each(["meteor", "ddff"] as const)("is good for a %s log of some seconds", async (format) => {
    const { lines, faults } = await verdict(await recorded(format, 5000))
    expect(faults).toEqual([])
    expect(lines).toEqual([
      expect.stringMatching(/^\/LOG00001\.(MET|DDF): \d{3} rows in \d\.\d s, \d+ missing, \d+ counted as dropped, 0 wrong$/),
    ])
  })

  test("names a closed log without rows, as low straps give", async () => {
    const { faults } = await verdict(await recorded("meteor", 0))
    expect(faults).toEqual(expect.arrayContaining([expect.stringContaining("no row of the logger about itself")]))
  })

  test("names a card without logs, a wrong value and missing rows that nobody counted", async () => {
    expect((await verdict(await tinyCard())).faults).toEqual(["the card holds no log"])
    const image = await recorded("ddff", 5000)
    expect(await logsOn(image)).toEqual(["/LOG00001.DDF"])
    // Whole sectors of the log are lost.
    let zeroed = 0
    for (let at = image.length - 512; at > 0 && zeroed < 8; at -= 512) {
      if (image.readUInt32BE(at + 12) !== 512 || image.readUInt16BE(at + 10) !== 2) continue
      image.fill(0, at, at + 512)
      zeroed++
    }
    expect((await verdict(image)).faults).toEqual(expect.arrayContaining([expect.stringContaining("check: byte")]))
  })
})
