import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { UnsupportedError } from "../model/errors.js"

/** Letters that the font lacks: all but Latin, Greek, Cyrillic and the signs of units. */
const FOREIGN = /[^\s\u0020-\u024f\u0370-\u045f\u2010-\u209c\u20ac\u2103\u2109\u2126\u2190-\u2193\u2202-\u2265]/u
/** From the sources and from the built package. */
const FONT_PLACES = ["./font/DejaVuSans.ttf", "../../../host/plot/font/DejaVuSans.ttf"]

/**
 * A picture as PNG, with the font that comes with fieldlog, so that it looks the same everywhere.
 * @param scale pixels of the PNG per pixel of the SVG
 * @throws UnsupportedError where the optional package that draws is not installed
 */
export async function pngOf(svg: string, scale: number): Promise<Uint8Array> {
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
  return new Resvg(svg, { font: fonts, fitTo: { mode: "zoom", value: scale } }).render().asPng()
}
