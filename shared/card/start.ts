import { CardError, type Clock } from "./bus.js"
import { crc7 } from "./crc.js"
import { type CardLink, TOKEN_STREAM } from "./link.js"

/** From power to a card that answers: waking it, its registers, and whether the wire holds the clock. */

const SLOW_HZ = 400000
/** The card's start, at most. */
const POWER_UP_MS = 2000

const R1_IDLE = 1
const R1_ILLEGAL = 4

/**
 * To the idle state, then out of it, at a slow clock.
 * @param crc the card shall check data blocks
 * @returns true for SDHC and SDXC, whose addresses count sectors
 * @throws CardError `absent`
 */
export async function wake(link: CardLink, clock: Clock, crc: boolean): Promise<boolean> {
  await link.powerUp(SLOW_HZ)
  await reset(link, clock)
  const v2 = await isVersion2(link)
  // Some cards refuse CMD59, some only the first time: the answer does not matter.
  await link.order(59, crc ? 1 : 0)
  const until = clock.now() + POWER_UP_MS
  for (;;) {
    // A card that is waking up may refuse both, or be silent: github.com/carlk3/no-OS-FatFS-SD-SDIO-SPI-RPi-Pico/pull/107.
    await link.order(55, 0)
    const r1 = await link.order(41, v2 ? 0x40000000 : 0)
    if (r1 === 0) break
    if (clock.now() > until) throw new CardError("absent", -1, r1)
    await clock.sleep(10)
  }
  const blockAddress = v2 && (await countsBlocks(link))
  if (!blockAddress) await link.order(16, 512)
  return blockAddress
}

/** Asks until it is answered: a card whose addresses are taken for others' would be written in the wrong places. */
async function countsBlocks(link: CardLink): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    // QEMU's card still says "idle" here.
    if ((await link.order(58, 0)) <= R1_IDLE) return ((link.answer[link.at + 1] as number) & 0x40) !== 0
  }
  throw new CardError("absent", -1, link.answer[link.at] as number)
}

/**
 * CSD, the card's description: 16 bytes, by CMD9.
 * @returns false when its check sum is wrong in three readings: others do not look at it, and use such a card
 * @throws CardError
 */
export async function readDescription(link: CardLink, into: Buffer): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await readRegister(link, 9, into)
    if ((crc7(crc7(crc7(0, into, 0), into, 5), into, 10) | 1) === ((into[15] as number) | 1)) return true
  }
  return false
}

/** CID, the card's identification: 16 bytes, by CMD10. @throws CardError */
export async function readIdentification(link: CardLink, into: Buffer): Promise<void> {
  await readRegister(link, 10, into)
}

/** Sectors, from the CSD of either version. */
export function capacity(csd: Buffer): number {
  const b5 = csd[5] as number
  const b6 = csd[6] as number
  const b7 = csd[7] as number
  const b8 = csd[8] as number
  const b9 = csd[9] as number
  if ((csd[0] as number) >> 6 === 0) {
    const size = ((b6 & 3) << 10) | (b7 << 2) | (b8 >> 6)
    const multiplier = ((b9 & 3) << 1) | ((csd[10] as number) >> 7)
    return (size + 1) << (multiplier + 2 + (b5 & 15) - 9)
  }
  return ((((b7 & 63) << 16) | (b8 << 8) | b9) + 1) * 1024
}

/** True when the CSD says that the card must not be written, for now or for ever. */
export function isProtected(csd: Buffer): boolean {
  return ((csd[14] as number) & 0x30) !== 0
}

/** Reads sector 0 twice at the clock in use. @param frame a slot; its sector is lost */
export async function readsTheSameTwice(link: CardLink, frame: Buffer): Promise<boolean> {
  try {
    await readFirst(link, frame)
    const first = await digest(link, frame)
    await readFirst(link, frame)
    const second = await digest(link, frame)
    // A frame again.
    frame[0] = 0xff
    frame[1] = TOKEN_STREAM
    return second === first
  } catch {
    await link.release()
    return false
  }
}

async function reset(link: CardLink, clock: Clock): Promise<void> {
  const until = clock.now() + POWER_UP_MS
  let r1 = 0xff
  for (let attempt = 0; attempt < 10 && clock.now() <= until; attempt++) {
    r1 = await link.order(0, 0)
    if (r1 === R1_IDLE) return
    // After a reset of the board alone, the card may wait for the rest of a sector, or send one.
    if (attempt === 1) await link.unwind()
    await clock.sleep(attempt < 3 ? 1 : 50)
  }
  throw new CardError("absent", -1, r1)
}

async function isVersion2(link: CardLink): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const r1 = await link.order(8, 0x1aa)
    if (r1 !== 0xff && (r1 & R1_ILLEGAL) !== 0) return false
    if (((link.answer[link.at + 3] as number) & 15) === 1 && link.answer[link.at + 4] === 0xaa) return true
  }
  throw new CardError("absent", -1, link.answer[link.at] as number)
}

async function readRegister(link: CardLink, index: number, into: Buffer): Promise<void> {
  const r1 = await link.send(index, 0)
  if (r1 !== 0) throw new CardError("refused", -1, r1)
  await link.block(into, 16, -1)
  await link.release()
}

/** Sector 0 has address 0 on every card. */
async function readFirst(link: CardLink, into: Buffer): Promise<void> {
  await link.expect(17, 0, 0)
  await link.block(into, 512, 0)
  await link.release()
}

/** A number that two readings of a sector share only if all words do, but for chance. */
async function digest(link: CardLink, b: Buffer): Promise<number> {
  let sum = 0
  for (let at = 0; at < 512; at += 16) {
    sum = ((sum << 5) - sum + b.getAt(at, "i32")) | 0
    sum = ((sum << 5) - sum + b.getAt(at + 4, "i32")) | 0
    sum = ((sum << 5) - sum + b.getAt(at + 8, "i32")) | 0
    sum = ((sum << 5) - sum + b.getAt(at + 12, "i32")) | 0
    if ((at & 31) === 16) await link.clockOut()
  }
  return sum
}
