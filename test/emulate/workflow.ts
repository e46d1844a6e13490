import { spawnSync } from "node:child_process"

/** A step of a workflow's job that runs a shell. */
interface ShellStep {
  readonly name: string
  readonly run: string
}

/** The lines of a job, without its name. @throws Error if the workflow has no such job */
export function jobText(workflow: string, job: string): string {
  const text = new RegExp(`^  ${job}:\n((?:    .*\n|\n)*)`, "m").exec(workflow)?.[1]
  if (text === undefined) throw new Error(`the workflow has no job ${job}`)
  return text
}

/** The shell steps of a job in their order; a step without a name has its own command. */
export function shellSteps(job: string): ShellStep[] {
  const steps = job.split(/^ {6}- /m).slice(1)
  return steps.flatMap((step) => {
    const lines = step.split("\n").map((line, i) => (i === 0 ? `        ${line}` : line))
    const at = lines.findIndex((line) => line.startsWith("        run:"))
    if (at < 0) return []
    const [, kind = ""] = /run: *(.*)$/.exec(lines[at] as string) ?? []
    const block = lines.slice(at + 1).filter((line) => line.startsWith("          "))
    const run =
      kind === "|" ? block.map((line) => line.slice(10)).join("\n") : kind === ">-" ? block.map((line) => line.trim()).join(" ") : kind
    return [{ name: /name: (.*)/.exec(step)?.[1] ?? run, run }]
  })
}

/** The variables of a job's own `env`. */
export function jobEnvironment(job: string): Record<string, string> {
  const block = /^ {4}env:\n((?: {6}.*\n)*)/m.exec(job)?.[1] ?? ""
  return Object.fromEntries([...block.matchAll(/^ {6}(\w+): (.*)$/gm)].map(([, name, value]) => [name, value]))
}

/** Runs a step as a hosted runner does: bash, which ends at the first command that fails. */
export function runStep({ run }: ShellStep, cwd: string, env: Readonly<Record<string, string>>): { status: number | null; text: string } {
  const ran = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run], {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
  })
  return { status: ran.status, text: ran.stdout + ran.stderr }
}
