import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  version: string
  license: string
  files: string[]
  scripts: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies: Record<string, string>
}
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }>
}

describe("the package", () => {
  test("pins every dependency to one version", () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    expect(loose).toEqual([])
  })

  test("asks a user for the very versions that are tested", () => {
    for (const [name, version] of Object.entries(manifest.peerDependencies)) {
      expect([name, version]).toEqual([name, manifest.devDependencies[name]])
    }
  })

  test("brings no install script into a user's machine", () => {
    const scripts = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript === true && entry.dev !== true)
    expect(scripts.map(([name]) => name)).toEqual([])
  })

  test("its lockfile names no host to download from", () => {
    expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved":/)
  })

  test("leaves the generator out, and nothing in it imports what it leaves out", { tags: "slow" }, () => {
    const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }]
    const paths = files.map((file) => file.path)
    expect(paths.filter((path) => path.startsWith("dist/host/gen/") || path.startsWith("test/"))).toEqual([])
    expect(paths).toContain("docs/sensors.md")
    const modules = paths.filter((path) => path.startsWith("dist/") && path.endsWith(".js"))
    expect(modules).toContain("dist/host/cli/main.js")
    const missing = modules.flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"(\.[^"]+)"/g)]
        .map(([, to]) => join(path, "..", to as string))
        .filter((to) => !paths.includes(to))
        .map((to) => `${path} -> ${to}`),
    )
    expect(missing).toEqual([])
  })

  test("packs, installs into an empty folder, and its command runs", { timeout: 180_000, tags: "slow" }, () => {
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-pack-"))
    try {
      const quiet: ExecFileSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }
      const packed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], quiet)
      const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }]
      const paths = files.map((file) => file.path)
      expect(paths).toContain("LICENSE")
      expect(paths).toContain("dist/host/cli/main.js")
      expect(paths.filter((path) => path.startsWith("test/"))).toEqual([])
      writeFileSync(join(folder, "package.json"), "{}")
      execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", join(folder, filename)], { ...quiet, cwd: folder })
      const bin = join(folder, "node_modules", ".bin", "fieldlog")
      expect(execFileSync(bin, ["--version"], { encoding: "utf8" }).trim()).toBe(manifest.version)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
