import { simulate } from "./simulate.js"

/** `npm run simulate`. */
try {
  process.exitCode = await simulate(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`))
} catch (error) {
  process.stderr.write(`simulate: ${(error as Error).message}\n`)
  process.exitCode = 1
}
