import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { logSpec } from "../logger/spec.js"
import { GENERATED, hexDigits } from "./code.js"

/** Bytes of `{"fieldlog":"` and of the word with it. */
const SPEC_SIGN = 13
const SPEC_MARK = 21

/** `generated/log-spec.ts`: the same for the board to write, in flash. */
export function logSpecSource(groups: readonly LoggedGroup[]): string {
  return `${[
    GENERATED,
    "",
    "/** Bytes at the start of a specification that fieldlog wrote, and with the word for the channel list. */",
    `export const SPEC_SIGN = ${SPEC_SIGN}`,
    `export const SPEC_MARK = ${SPEC_MARK}`,
    "/** LOGSPEC.JSN of this program. */",
    `export const SPEC = hex\`${hexDigits(new TextEncoder().encode(logSpec(groups)))}\``,
  ].join("\n")}\n`
}
