import { readFileSync, writeFileSync } from "node:fs"

export const PAGE = "docs/reliability.md"
const [FROM, TO] = ["<!-- written by npm run damage -->", "<!-- end of npm run damage -->"]

/** Puts the table of recovered damages in its place in docs/reliability.md. @param lines of the table */
export function writeSection(lines: readonly string[], rounds: number, seed: number): void {
  const page = readFileSync(PAGE, "utf8")
  const section = `${FROM}
## What recover saves of a damaged file

Written by \`npm run damage\`: a log of 1,500 rows of two channels in each format is hurt ${rounds} times by each kind of damage, seed ${seed}, at
any byte; ranges are of 1 to 4,096 bytes. \`recover\` saves it, and each row saved is compared with what was written. In JLS, where each
channel is a signal of its own, each sample counts as a row.

| format | damage | rows hit, mean | lost beyond those hit, mean | most | rows wrong beyond as many as were hit, most | rounds with such rows and no hole told | nothing saved |
| --- | --- | --: | --: | --: | --: | --: | --: |
${lines.join("\n")}

${TO}`
  writeFileSync(PAGE, page.includes(FROM) ? page.replace(keptSection(page), section) : `${page.trimEnd()}\n\n${section}\n`)
}

/** The section as it stands in a page; empty when there is none. */
export function keptSection(page: string): string {
  return page.includes(FROM) ? page.slice(page.indexOf(FROM), page.indexOf(TO) + TO.length) : ""
}
