import type { Annotation } from "../../model/log.js"
import type { SignalDef, SourceDef } from "./chunks/definitions.js"
import type { Contents } from "./contents.js"
import type { LogSignal } from "./groups.js"
import { gapsOf } from "./samples/gaps.js"
import type { JlsAnnotation } from "./timed/timed.js"
import { jlsToNs } from "./timed/utc.js"

/** Facts about a JLS annotation beyond the model: its stored form, its form when read, and its signal (a VSR signal has no group). */
export interface JlsLogAnnotation extends Annotation {
  readonly jls: { readonly stored: JlsAnnotation; readonly shown: Annotation; readonly def: SignalDef; readonly source: SourceDef | null }
}

/** Kinds of annotations, by their number in the file. */
export const KINDS = ["user", "text", "vertical", "horizontal"] as const
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** The annotations of a file, signal by signal; marks of gaps are left out. @param start ns since 1970 of second 0, null if unknown */
export function logAnnotations(
  { structure, annotations }: Contents,
  signals: readonly LogSignal[],
  start: bigint | null,
): JlsLogAnnotation[] {
  return structure.signals.flatMap(({ def }) => {
    const source = structure.sources.find(({ id }) => id === def.source) ?? null
    const index = signals.findIndex(({ fsr }) => fsr.signal.def.id === def.id)
    const signal = signals[index]
    return (annotations.get(def.id) ?? [])
      .filter((stored) => def.type === "vsr" || gapsOf([stored]).length === 0)
      .map((stored) => {
        const { timestamp } = stored
        const group = signal === undefined ? null : index
        let time: number | null = null
        if (signal !== undefined) time = signal.clock.timeAt(Number(timestamp) - signal.fsr.map.first)
        else if (start !== null) time = Number(jlsToNs(timestamp) - start) / 1e9
        const shown = { group, time, tick: group === null ? timestamp : Number(timestamp), ...content(stored) }
        return { ...shown, jls: { stored, shown, def, source } }
      })
  })
}

function content({ type, storage, y, data }: JlsAnnotation): Pick<Annotation, "kind" | "text" | "data" | "y"> {
  return {
    kind: KINDS[type] ?? "user",
    text: storage === 1 ? "" : utf8.decode(data),
    data: storage === 1 ? data : null,
    y: Number.isNaN(y) ? null : y,
  }
}
