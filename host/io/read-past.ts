import type { ByteRange, UnreadableRanges } from "../bytes/unreadable.js"

const SECTOR = 512

/** One read that is to be tried: into all of `target`, from byte `at` of the file. */
interface Attempt {
  readonly target: Uint8Array
  readonly at: number
}

/** True for the error of a device that cannot read a sector. */
export function isReadFault(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === "EIO" || code === "EREMOTEIO" || code === "ENODATA"
}

/**
 * Plans the reads that fill `target` from byte `at`, past what the device cannot read: there are zeros, and `lost` tells the place.
 * Each attempt is answered by the bytes read (0 at the end of the file), or by null when the device could not read.
 * @returns bytes of `target` that are filled
 */
export function* readsPast(target: Uint8Array, at: number, lost: UnreadableRanges): Generator<Attempt, number, number | null> {
  let done = 0
  let most = target.length
  while (done < target.length) {
    const from = at + done
    const end = Math.min(at + target.length, from + most)
    // A device may try for seconds before it gives up: what it could not read is not asked for again.
    const known = lost.all.find((range) => range.at < end && range.at + range.length > from)
    if (known !== undefined && known.at <= from) {
      done = zeros(target, done, behind(known) - from)
      continue
    }
    const to = known?.at ?? end
    const read = yield { target: target.subarray(done, to - at), at: from }
    if (read === 0) break
    if (read !== null) {
      done += read
      most = target.length
      continue
    }
    // The larger part that ends at a sector, down to one sector.
    const middle = Math.ceil((from + (to - from) / 2) / SECTOR) * SECTOR
    const cut = middle < to ? middle : (Math.floor(from / SECTOR) + 1) * SECTOR
    if (cut < to) most = cut - from
    else {
      lost.add(from, to - from)
      done = zeros(target, done, to - from)
      most = target.length
    }
  }
  return done
}

function zeros(target: Uint8Array, from: number, length: number): number {
  const to = Math.min(target.length, from + length)
  target.fill(0, from, to)
  return to
}

function behind({ at, length }: ByteRange): number {
  return at + length
}
