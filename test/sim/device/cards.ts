import "../../../host/bytes/device-buffer.js"
import { memorySource } from "../../../host/bytes/source.js"
import { openImage } from "../../../host/card/image.js"
import { memoryDisk } from "../card/disk.js"
import { machine } from "../card/machine.js"
import { tinyVolume } from "../card/tiny-volume.js"
import { SLOWER } from "./list.js"

/** A small card with files in its root folder, by eleven-character name: three megabytes, log files of 64 kB or a multiple. */
export async function tinyCard(
  files: Readonly<Record<string, string | Buffer>> = {},
  sectors = 6144,
  stale: (sector: Buffer, lba: number) => void = () => {},
): Promise<Buffer> {
  const image = tinyVolume(sectors, 1, stale)
  const m = machine(memoryDisk(image))
  await m.card.init()
  await m.volume.mount()
  for (const [name, body] of Object.entries(files)) await m.volume.writeSmall(name, Buffer.from(body), Buffer.byteLength(body))
  return image
}

/** A text file on a card; null where there is none. */
export async function textOn(image: Uint8Array, path: string): Promise<string | null> {
  const card = await openImage(memorySource(image))
  if (!card.entries.some((entry) => entry.path === path)) return null
  const file = card.open(path)
  return Buffer.from(await file.read(0, file.size)).toString()
}

/** The logs on a card, oldest first. */
export async function logsOn(image: Uint8Array): Promise<string[]> {
  const card = await openImage(memorySource(image))
  const paths = card.entries.map(({ path }) => path)
  return paths.filter((path) => /^\/LOG\d{5}\./.test(path)).sort()
}

/** Ten channels at 100 Hz: four groups of the channel list, some 9.6 sectors a second. */
export const TEN_AT_100_HZ = SLOWER.map((name) => `${name} = 100\n`).join("")
