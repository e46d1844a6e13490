import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { benchHead } from "../logger/heads.js"
import { logSpec } from "../logger/spec.js"
import { generated, hexDigits } from "./code.js"

/** Bytes of `{"fieldlog":"` and of the word with it. */
const SPEC_SIGN = 13
const SPEC_MARK = 21

/** `generated/log-spec.ts`: the specification that the board writes onto the card, in flash. */
export function logSpecSource(groups: readonly LoggedGroup[]): string {
  return generated([
    "",
    "/** Bytes at the start of a specification that fieldlog wrote, and with the word for the channel list. */",
    `export const SPEC_SIGN = ${SPEC_SIGN}`,
    `export const SPEC_MARK = ${SPEC_MARK}`,
    "/** LOGSPEC.JSN of this program. */",
    `export const SPEC = hex\`${hexDigits(new TextEncoder().encode(logSpec(groups)))}\``,
  ])
}

/** `generated/bench-head.ts`: the header that the bench copies onto the card, in flash. */
export function benchHeadSource(): string {
  return generated([
    "",
    "/** Header of the bench's log: whole sectors. Then a row a sector: time u32, took u16, mode u8. */",
    `export const HEAD = hex\`${hexDigits(benchHead().bytes)}\``,
  ])
}
