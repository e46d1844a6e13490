const BLOCK = 512
const MAGIC_START0 = 0x0a324655
const MAGIC_START1 = 0x9e5d5157
const MAGIC_END = 0x0ab16f30
const NOT_MAIN_FLASH = 1
const LARGEST_PAYLOAD = 476

/** A piece of a flash image. */
interface FlashPiece {
  readonly address: number
  readonly bytes: Uint8Array
}

/** The pieces of a UF2 file (the UF2 specification, File format). @throws Error naming the first block that is none */
export function parseUf2(file: Uint8Array): FlashPiece[] {
  if (file.length === 0 || file.length % BLOCK !== 0)
    throw new Error(`a UF2 file is blocks of ${BLOCK} bytes, this has ${file.length} bytes`)
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const pieces: FlashPiece[] = []
  for (let at = 0; at < file.length; at += BLOCK) {
    const magics = [view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 508, true)]
    if (magics[0] !== MAGIC_START0 || magics[1] !== MAGIC_START1 || magics[2] !== MAGIC_END) throw new Error(`no UF2 block at byte ${at}`)
    const length = view.getUint32(at + 16, true)
    if (length > LARGEST_PAYLOAD) throw new Error(`UF2 block at byte ${at} claims ${length} bytes`)
    if ((view.getUint32(at + 8, true) & NOT_MAIN_FLASH) !== 0) continue
    pieces.push({ address: view.getUint32(at + 12, true), bytes: file.subarray(at + 32, at + 32 + length) })
  }
  return pieces
}

/** The pieces as the flash holds them from its first byte on, erased (0xff) in between. @param base address of the flash */
export function flatImage(pieces: readonly FlashPiece[], base = 0x10000000): Uint8Array {
  const end = Math.max(...pieces.map(({ address, bytes }) => address + bytes.length))
  const image = new Uint8Array(end - base).fill(0xff)
  for (const { address, bytes } of pieces) image.set(bytes, address - base)
  return image
}
