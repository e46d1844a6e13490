import { join } from "node:path"
import { rolldown } from "rolldown"

const ROOT = join(import.meta.dirname, "../..")

/**
 * A module of this repository with all that it imports as one classic script, as a page holds it.
 * @param entry path below the repository
 * @param name global variable that holds the module's exports
 */
export async function bundled(entry: string, name: string, options: { readonly minify?: boolean } = {}): Promise<string> {
  const bundle = await rolldown({ input: join(ROOT, entry), platform: "browser", resolve: { extensionAlias: { ".js": [".ts", ".js"] } } })
  try {
    const { output } = await bundle.generate({ format: "iife", name, codeSplitting: false, minify: options.minify ?? false })
    const [chunk, ...more] = output
    if (more.length > 0) throw new Error(`${entry} is bundled into ${output.length} files, expected one`)
    return chunk.code
  } finally {
    await bundle.close()
  }
}
