import { CHAIN_END } from "../../../shared/ddff/layout.js"
import type { Source } from "../../bytes/source.js"
import type { Completion } from "../../model/format.js"
import type { BlockList } from "./blocks/blocks.js"
import { Scan } from "./blocks/scan.js"

const POINTER_SIZE = 8

/**
 * Links the blocks of a log that our board wrote. The board says "end of chain" in every block, for it does not know where the stream's
 * next one will lie. No CRC covers the pointers, so nothing else changes.
 * @returns null for the files of others, and when no link is missing
 */
export async function linkDdff(source: Source): Promise<Completion | null> {
  const scan = new Scan(source)
  await scan.advance()
  scan.finish()
  const { session, unlinked, streams } = scan
  if (session === null || unlinked === 0) return null
  const chains = [...streams.values()].map((blocks) => new Chain(blocks))
  return {
    text: `${unlinked} blocks linked for other readers`,
    change: (piece, at) => {
      for (const chain of chains) chain.put(piece, at)
    },
  }
}

/** The pointers of a stream, put into the bytes of its file as they come by. */
class Chain {
  private i = 0
  private readonly pointer = new DataView(new ArrayBuffer(POINTER_SIZE))
  private readonly pointerBytes = new Uint8Array(this.pointer.buffer)

  constructor(private readonly blocks: BlockList) {
    blocks.sortByNumber()
  }

  /** @param at place of the piece in the file, behind that of the piece before */
  put(piece: Uint8Array, at: number): void {
    const { blocks, pointer, pointerBytes } = this
    for (; this.i < blocks.count; this.i++) {
      const from = (blocks.at[this.i] as number) - at
      if (from >= piece.length) return
      if (this.i + 1 === blocks.count) pointer.setBigInt64(0, CHAIN_END)
      else {
        const next = blocks.at[this.i + 1] as number
        pointer.setUint32(0, Math.floor(next / 2 ** 32))
        pointer.setUint32(4, next % 2 ** 32)
      }
      for (let k = 0; k < POINTER_SIZE; k++) if (from + k >= 0 && from + k < piece.length) piece[from + k] = pointerBytes[k] as number
      // The rest of this pointer is in the next piece.
      if (from + POINTER_SIZE > piece.length) return
    }
  }
}
