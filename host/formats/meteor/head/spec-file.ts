import { markOf } from "../../../../shared/meteor/mark.js"
import { crc32c } from "../../../bytes/crc32c.js"
import type { CompositeSpec, MeteorSpec, TopicSpec } from "./spec.js"

/** Which program a specification is written for. */
interface OptionsFileFor {
  /** `reference`: what racing-data-converter takes with `-io` and `-oo`; `fieldlog`: with names of composites and fixed lengths. */
  readonly reader?: "reference" | "fieldlog"
}

/**
 * A specification as JSON, in the shape of the reference program's options file: `{"spec": {"topics", "composites"}}`.
 * `parseSpec` reads it back; read from such a file and written for the reference it is the same but for what had no effect.
 */
export function optionsFile(spec: MeteorSpec, { reader = "reference" }: OptionsFileFor = {}): object {
  const own = reader === "fieldlog"
  return {
    ...(own && spec.mark !== null ? { fieldlog: spec.mark } : {}),
    spec: {
      topics: spec.topics.map((topic) => topicJson(topic, own)),
      composites: spec.composites.map((each) => compositeJson(each, own)),
    },
  }
}

/** True for specifications that say the same of every id. */
export function isSameSpec(a: MeteorSpec, b: MeteorSpec | null): boolean {
  return b !== null && meaning(a) === meaning(b)
}

/** A specification with the mark of what it says. */
export function marked(spec: MeteorSpec): MeteorSpec {
  const digest = crc32c(new TextEncoder().encode(meaning(spec)))
  return { ...spec, mark: markOf(digest.toString(16).padStart(8, "0")) }
}

/** What it says of every id, as text. */
function meaning(spec: MeteorSpec): string {
  return JSON.stringify(optionsFile({ ...spec, mark: null }, { reader: "fieldlog" }))
}

function topicJson({ id, key, name, unit, decimalPlaces, signed, calibration, length }: TopicSpec, own: boolean): object {
  const { addition = 0, divisor = 1, multiplier = 1 } = calibration ?? {}
  return {
    id,
    key,
    ...(name === null ? {} : { name }),
    ...(unit === "" ? {} : { unit }),
    ...(decimalPlaces === null ? {} : { decimalPlaces }),
    ...(own && length !== null ? { length } : {}),
    data: {
      type: signed ? "signed-number" : "unsigned-number",
      ...(addition === 0 ? {} : { addition }),
      ...(divisor === 1 ? {} : { divisor }),
      ...(multiplier === 1 ? {} : { multiplier }),
    },
  }
}

function compositeJson({ id, name, items }: CompositeSpec, own: boolean): object {
  return { id, ...(own && name !== null ? { name } : {}), topics: items.map(({ key, length }) => ({ key, length })) }
}
