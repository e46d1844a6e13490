import { simulate } from "./simulate.js"

/** `npm run simulate`. */
process.exitCode = await simulate(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`))
