import type { ChannelSpec } from "./records/schema.js"

/** Facts about a ddff log from the logger's side file. */
export interface SideFile {
  /** Seconds per tick, or null. */
  readonly tickSeconds: number | null
  /** ns since 1970 UTC of tick 0, or null. */
  readonly start: bigint | null
  /** By group name, then channel name. */
  readonly channels: Readonly<Record<string, ChannelSpec | undefined>>
}

/** Reads `{tickSeconds, start, channels}`, also inside `{spec: ...}`; ignores everything else. */
export function readSideFile(spec: unknown): SideFile {
  const outer = asObject(spec)
  const said = asObject(outer.spec ?? spec)
  const tick = said.tickSeconds ?? outer.tickSeconds
  const channels: Record<string, ChannelSpec> = Object.create(null)
  for (const [group, list] of Object.entries(asObject(said.channels ?? outer.channels))) channels[group] = asObject(list) as ChannelSpec
  return {
    tickSeconds: typeof tick === "number" && Number.isFinite(tick) && tick > 0 ? tick : null,
    start: asStart(said.start ?? outer.start),
    channels,
  }
}

/** An RFC 3339 text, or seconds since 1970 UTC. */
function asStart(value: unknown): bigint | null {
  const ms = typeof value === "string" ? Date.parse(value) : typeof value === "number" ? value * 1000 : Number.NaN
  return Number.isFinite(ms) ? BigInt(Math.round(ms * 1000)) * 1000n : null
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
