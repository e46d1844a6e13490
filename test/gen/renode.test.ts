import { existsSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { readBoard } from "../../host/gen/board-program.js"
import { cardPins, RENODE_FILES, renodeCard, renodeFile } from "../../host/gen/renode.js"
import { platformFaults, robotFaults, scriptFaults } from "./renode-lint.js"

/** Offline checks of what the networked Renode job will load. They prove references and names, not that Renode runs it. */
const ID = "fieldlog_pico"
const board = readBoard(".", "pico")
const read = (extension: string) => readFileSync(`boards/renode/${ID}.${extension}`, "utf8")

/** What the logger shows by `console.log`, one word a line. */
const states = [...readFileSync("devicescript/src/writer.ts", "utf8").matchAll(/status\.enter\("(\w+)"\)/g)].map(([, state]) => state)
const awaited = (robot: string) => [...robot.matchAll(/Wait For Line On Uart {2,}(.+?) {2,}/g)].map(([, line]) => line)

describe("the Renode files", () => {
  test("are what the board file generates", () => {
    for (const kind of RENODE_FILES) expect(read(kind)).toBe(renodeFile(".", kind, ID, board))
  })

  test("refer only to what they declare, with types that are known", () => {
    expect(platformFaults(read("repl"))).toEqual([])
    expect(platformFaults(renodeCard(".", "/cards/card.img", 512), "card_select")).toEqual([])
    expect(scriptFaults(read("resc"), (file) => existsSync(`boards/renode/${file}`))).toEqual([])
    expect(robotFaults(read("robot"), (file) => existsSync(`boards/renode/${file}`))).toEqual([])
  })

  test("wait for a line that the program prints", () => {
    expect(states).toEqual(expect.arrayContaining(awaited(read("robot"))))
    expect(awaited(read("robot"))).toEqual(["logging"])
    expect(states).not.toEqual(expect.arrayContaining(awaited(read("robot").replace("Uart     logging", "Uart     loging"))))
  })

  test("select the card by the pin that the board file names", () => {
    expect(read("repl")).toContain(`    ${cardPins(board).cs} -> card_select@0`)
  })
})

describe("the checks find", () => {
  test("a pin changed in the board file", () => {
    const moved = { ...board, pins: { ...board.pins, SD_CS: 21 } }
    expect(renodeFile(".", "repl", ID, moved)).not.toBe(read("repl"))
  })

  test("a card on pins that SPI0 does not have", () => {
    expect(() => renodeFile(".", "repl", ID, { ...board, pins: { ...board.pins, SD_MISO: 12 } })).toThrow("SPI0")
    const { SD_CS: _, ...without } = board.pins
    expect(() => renodeFile(".", "repl", ID, { ...board, pins: without })).toThrow("no pin SD_CS")
  })

  test("a target that is not declared", () => {
    expect(platformFaults(read("repl").replace("IRQ -> nvic0@11", "IRQ -> nvic7@11"))).toEqual([
      expect.stringMatching(/^line \d+: nvic7 is not declared$/),
    ])
    expect(platformFaults(renodeCard(".", "/card.img", 512)).join()).toContain("card_select is not declared")
  })

  test("an unknown type, a tab, an unquoted path", () => {
    expect(platformFaults(read("repl").replace("SPI.FieldlogSpi", "SPI.FieldlogSpy")).join()).toContain("unknown type SPI.FieldlogSpy")
    expect(platformFaults(read("repl").replace("    spi0: spi0", "\tspi0: spi0")).join()).toContain("tab")
    const card = renodeCard(".", "/card.img", 512)
    expect(platformFaults(card.replace('"/card.img"', "@/card.img"), "card_select").join()).toContain("unquoted path")
  })

  test("an image by a relative path, which Renode would make anew in a folder of its own", () => {
    const card = renodeCard(".", "/card.img", 512)
    expect(platformFaults(card.replace("/card.img", "card.img"), "card_select").join()).toContain("relative image path")
    expect(() => renodeCard(".", "card.img", 512)).toThrow("absolute path")
  })

  test("a model whose type is not loaded for those that are built on it", () => {
    const types = read("resc").match(/^EnsureTypeIsLoaded .*\n/gm) ?? []
    expect(types.length).toBe(7)
    for (const type of types) expect(scriptFaults(read("resc").replace(type, ""), () => true).join()).toContain("EnsureTypeIsLoaded")
  })

  test("a file that is not there, an unknown command, an unknown keyword", () => {
    const there = (file: string) => existsSync(`boards/renode/${file}`)
    expect(scriptFaults(read("resc").replace("rp2040_spi_dma", "rp2040_spi_dmb"), there).join()).toContain("rp2040_spi_dmb.cs is missing")
    expect(scriptFaults(read("resc").replace("mach create", "mach craete"), there).join()).toContain("unknown command")
    expect(robotFaults(read("robot").replace("Start Emulation", "Begin Emulation"), there).join()).toContain(
      "unknown keyword Begin Emulation",
    )
    expect(robotFaults(read("robot").replace(`${ID}.resc`, "other.resc"), there).join()).toContain("other.resc is missing")
  })
})
