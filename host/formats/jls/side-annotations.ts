import type { Source } from "../../bytes/source.js"
import { LogError } from "../../model/errors.js"
import { issue } from "../../model/issues.js"
import type { Annotation, Issue, Log } from "../../model/log.js"
import type { LogSignal } from "./groups.js"
import type { JlsLogAnnotation } from "./remarks.js"
import { jlsToNs } from "./timed/utc.js"

const SIDE = /^(.+)\.anno[^/\\]*\.jls$/i

/** The recording that a side file of annotations belongs to: `run.jls` for `run.anno2.jls`. Null for other names. Source: Joulescope UI 1.0.15 and later. */
export function recordingOf(name: string): string | null {
  const base = SIDE.exec(name)?.[1]
  return base === undefined ? null : `${base}.jls`
}

/** What of an open JLS file places annotations. */
type Placing = Pick<Log, "groups" | "start" | "annotations"> & { readonly signals: readonly LogSignal[] }

/** Annotations that stand beside a recording, and what was found about their files. */
interface Beside {
  readonly annotations: readonly Annotation[]
  readonly issues: readonly Issue[]
}

/**
 * The annotations of Joulescope UI's side files, placed in a recording: by the name of their signal and their UTC. Closes the files.
 * @param open opens a JLS file
 */
export async function annotationsBeside(
  log: Placing,
  files: readonly Source[],
  open: (source: Source) => Promise<Placing>,
): Promise<Beside> {
  const annotations: Annotation[] = []
  const issues: Issue[] = []
  for (const source of files) {
    try {
      const side = await open(source)
      for (const annotation of side.annotations) annotations.push(placed(log, side, annotation as JlsLogAnnotation))
      issues.push(issue("side-file", "note", `${source.name}: ${side.annotations.length} annotations are read from it`))
    } catch (error) {
      if (!(error instanceof LogError)) throw error
      issues.push(issue("side-file", "warning", `${source.name}: its annotations cannot be read: ${error.message}`))
    } finally {
      await source.close()
    }
  }
  return { annotations, issues }
}

/** Without a UTC on both sides an annotation has no time in the recording. */
function placed(log: Placing, side: Placing, { kind, text, data, y, time, jls }: JlsLogAnnotation): Annotation {
  const index = log.groups.findIndex(({ name }) => name === jls.def.name)
  const signal = log.signals[index]
  const group = signal === undefined ? null : index
  const ns = utcOf(side, time, jls)
  if (ns === null || log.start === null) return { group, time: null, tick: null, kind, text, data, y }
  const seconds = Number(ns - log.start) / 1e9
  const tick = signal === undefined ? null : Math.round(signal.clock.rowAt(seconds)) + signal.fsr.map.first
  return { group, time: seconds, tick, kind, text, data, y }
}

function utcOf(side: Placing, time: number | null, { stored, def }: JlsLogAnnotation["jls"]): bigint | null {
  if (def.type === "vsr") return jlsToNs(stored.timestamp)
  return side.start === null || time === null ? null : side.start + BigInt(Math.round(time * 1e9))
}
