import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { UnsupportedError } from "../model/errors.js"

/** Letters that the font lacks: all but Latin, Greek, Cyrillic and the signs of units. */
const FOREIGN = /[^\s\u0020-\u024f\u0370-\u045f\u2010-\u209c\u20ac\u2103\u2109\u2126\u2190-\u2193\u2202-\u2265]/u
/** From the sources and from the built package. */
const FONT_PLACES = ["./font/DejaVuSans.ttf", "../../../host/plot/font/DejaVuSans.ttf"]

/** A letter that no font has: what is drawn for it stands for every letter that is missing. */
const NOBODY = "\u{10fffd}"
/** Letters that are tried, and pixels of the square in which each is drawn. */
const TRIED = 256
const CELL = 24

interface Drawn {
  readonly png: Uint8Array
  /** Letters of the picture that no font has, so that boxes stand for them. */
  readonly lacking: readonly string[]
}

/**
 * A picture as PNG, with the font that comes with fieldlog, so that it looks the same everywhere.
 * @param scale pixels of the PNG per pixel of the SVG
 * @throws UnsupportedError where the optional package that draws is not installed
 */
export async function pngOf(svg: string, scale: number): Promise<Drawn> {
  const { Resvg } = await import("@resvg/resvg-js").catch(() => {
    throw new UnsupportedError("PNG needs the package @resvg/resvg-js, which has no build for this machine or was left out", {
      hint: "write SVG",
    })
  })
  const font = FONT_PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))
  // The font of our own has European letters; names in others are drawn with what the machine has.
  const isForeign = FOREIGN.test(svg)
  const fonts = {
    loadSystemFonts: font === undefined || isForeign,
    fontFiles: font === undefined ? [] : [font],
    defaultFontFamily: "DejaVu Sans",
  }
  const png = new Resvg(svg, { font: fonts, fitTo: { mode: "zoom", value: scale } }).render().asPng()
  return { png, lacking: isForeign ? lackingLetters(svg, (probe) => new Resvg(probe, { font: fonts }).render().pixels) : [] }
}

/** Draws each foreign letter beside one that no font has: where both look the same, or nothing is drawn, the letter is missing. */
function lackingLetters(svg: string, draw: (svg: string) => Uint8Array): string[] {
  const letters = [...new Set(svg)].filter((letter) => FOREIGN.test(letter) && !/[\p{M}\p{Cc}\p{Cf}]/u.test(letter)).slice(0, TRIED)
  const texts = [NOBODY, ...letters].map((letter, i) => `<text x="${i * CELL + 2}" y="18" font-size="16">${letter}</text>`)
  const pixels = Buffer.from(
    draw(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${texts.length * CELL}" height="${CELL}" font-family="DejaVu Sans">${texts.join("")}</svg>`,
    ),
  )
  const cell = (i: number) => {
    const rows = Array.from({ length: CELL }, (_, y) => (y * texts.length + i) * CELL * 4)
    return Buffer.concat(rows.map((at) => pixels.subarray(at, at + CELL * 4)))
  }
  const box = cell(0)
  return letters.filter((_, i) => cell(i + 1).equals(box) || cell(i + 1).every((byte) => byte === 0))
}
