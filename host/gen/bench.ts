import { benchHead } from "../logger/heads.js"
import { GENERATED, hexDigits } from "./code.js"

/** `generated/bench-head.ts`: the header that the bench copies onto the card, in flash. */
export function benchHeadSource(): string {
  return `${[
    GENERATED,
    "",
    "/** Header of the bench's log: whole sectors. Then a row a sector: time u32, took u16, mode u8. */",
    `export const HEAD = hex\`${hexDigits(benchHead().bytes)}\``,
  ].join("\n")}\n`
}
