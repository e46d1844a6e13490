import { UsageError } from "../model/errors.js"
import type { Format, Target } from "../model/format.js"
import { given } from "../model/options.js"
import { meantText } from "../text/asked.js"

/**
 * What an output of this name is to be, of all targets: by `to` (a name or an extension without its dot), else by its longest known
 * extension. @throws UsageError
 */
export function targetAmong(all: readonly Target[], path: string, to?: string): Target {
  const names = all.map(({ name }) => name)
  const hint = `--to takes ${names.join(", ")}`
  if (to === undefined) {
    const target = targetByExtension(all, path)
    if (target !== undefined) return target
    if (path === "-") throw new UsageError("standard output has no extension that says what to write", { hint })
    const extension = /[^/\\.](\.[^./\\]+)$/.exec(path)?.[1]
    throw new UsageError(extension === undefined ? "has no extension that says what to write" : `nothing is written as ${extension}`, {
      path,
      hint,
    })
  }
  const wanted = to.toLowerCase()
  const target = all.find(({ name }) => name === wanted) ?? targetByExtension(all, `.${wanted}`)
  if (target !== undefined) return target
  throw new UsageError(`cannot write "${to}"${meantText(wanted, names)}`, { hint })
}

/** The target whose extension the path has, the longest if there are several. */
export function targetByExtension(all: readonly Target[], path: string): Target | undefined {
  const lower = path.toLowerCase()
  const matches = all.flatMap((target) =>
    target.extensions.filter((extension) => lower.endsWith(extension)).map(({ length }) => ({ target, length })),
  )
  return matches.sort((a, b) => b.length - a.length)[0]?.target
}

/** A format as a target; null for one that cannot be written. */
export function targetOfFormat({
  name,
  title,
  extensions,
  write,
  writeOptions = [],
  append,
  ownGrid,
  calibrated,
  openTree,
}: Format): Target | null {
  if (write === undefined) return null
  return {
    name,
    title,
    extensions,
    options: writeOptions,
    write,
    ...given({ append, ownGrid, calibrated, folder: openTree === undefined ? undefined : true }),
  }
}
