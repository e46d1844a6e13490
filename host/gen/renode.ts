import { readFileSync } from "node:fs"
import { isAbsolute, join } from "node:path"
import type { BoardJson } from "./board-program.js"

/** Files that Renode 1.15.3 loads for a board: the platform, the script that boots it, the Robot test. */
export const RENODE_FILES = ["repl", "resc", "robot"] as const

/** The pins that the card is wired to, by their names in the board file. @throws Error naming a pin that the board lacks */
export function cardPins(board: BoardJson): { miso: number; mosi: number; sck: number; cs: number } {
  const pin = (name: string) => {
    const number = board.pins[name]
    if (number === undefined) throw new Error(`${board.devName}: the board file has no pin ${name}`)
    return number
  }
  return { miso: pin("SD_MISO"), mosi: pin("SD_MOSI"), sck: pin("SD_SCK"), cs: pin("SD_CS") }
}

/**
 * A board's Renode file: its template `host/gen/renode/board.<kind>.in` with the board's values in place of `{name}`.
 * @param root the repository, where the templates are read
 * @throws Error if the board's chip is not an RP2040 or its card is not on SPI0 (RP2040 datasheet 2.19.2)
 */
export function renodeFile(root: string, kind: (typeof RENODE_FILES)[number], id: string, board: BoardJson): string {
  const pins = cardPins(board)
  if (board.archId !== "rp2040") throw new Error(`${id}: Renode has a platform for the RP2040 only, not for ${board.archId}`)
  const spi0 = (pin: number, role: number) => (pin < 8 || (pin >= 16 && pin < 24)) && pin % 4 === role
  if (!spi0(pins.miso, 0) || !spi0(pins.sck, 2) || !spi0(pins.mosi, 3)) throw new Error(`${id}: the card's pins are not those of SPI0`)
  const template = `host/gen/renode/board.${kind}.in`
  return filled(readFileSync(join(root, template), "utf8"), { board: id, ...pins }, template)
}

/**
 * The description of the card in the board's socket.
 * @param image path of its image, absolute: Renode leaves the folder that it was started in, and makes a new, empty file of a path that leads nowhere
 * @throws Error if the path is not absolute or has a quotation mark
 */
export function renodeCard(root: string, image: string, bytes: number): string {
  if (!isAbsolute(image) || image.includes('"'))
    throw new Error(`${image}: the card's image needs an absolute path without quotation marks`)
  const template = "host/gen/renode/card.repl.in"
  return filled(readFileSync(join(root, template), "utf8"), { image, bytes }, template)
}

/** `${NAME}` is Robot's own and stays. @throws Error if the template names a value that is not given */
function filled(text: string, values: Readonly<Record<string, string | number>>, template: string): string {
  return text.replace(/(?<!\$)\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${template}: ${placeholder} stands for no value of a board`)
    return String(value)
  })
}
