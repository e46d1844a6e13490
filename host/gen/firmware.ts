import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type BoardJson, boardNames, readBoard, runDevs, stageProgram } from "./board-program.js"
import { portsAreFree } from "./bundle-ports.js"
import { refuseStale } from "./current.js"
import { describeFirmware } from "./firmware-file.js"
import { type Firmware, firmwareOf } from "./firmware-releases.js"
import { DOWNLOADS, pinnedFile } from "./pinned-file.js"
import { lockDeviceFolder } from "./programs.js"

/**
 * `npm run firmware -- --board pico`: one image of DeviceScript's firmware, the board's pins and the logger's program.
 * The firmware is downloaded; `--firmware FILE` takes one that is at hand.
 */
const root = fileURLToPath(new URL("../../../", import.meta.url))

/** The logger, and what measures a card. */
const PROGRAMS = ["board", "sdbench"]

const HELP = `Usage: npm run firmware -- --board NAME [--firmware FILE] [--program sdbench] [--output FILE]

Boards: ${boardNames(root).join(", ")}
Examples:
  npm run firmware -- --board pico
  npm run firmware -- --board pico --firmware ~/Downloads/devicescript-rp2040-pico.uf2
  npm run firmware -- --board pico --program sdbench      measures a card instead of logging
`

try {
  await main()
} catch (error) {
  process.stderr.write(`firmware: ${(error as Error).message}\n`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const options = {
    board: { type: "string" },
    firmware: { type: "string" },
    output: { type: "string" },
    program: { type: "string" },
    help: { type: "boolean" },
  } as const
  const { values } = parseArgs({ options })
  if (values.help === true || values.board === undefined) {
    process.stdout.write(HELP)
    process.exitCode = values.help === true ? 0 : 2
    return
  }
  const name = values.board.replace(/^fieldlog_/, "")
  if (!boardNames(root).includes(name)) throw new Error(`no board ${values.board}; there are ${boardNames(root).join(", ")}`)
  const program = values.program ?? "board"
  if (!PROGRAMS.includes(program)) throw new Error(`no program ${program}; there are ${PROGRAMS.join(", ")}`)
  refuseStale(root)
  const board = readBoard(root, name)
  const firmware = firmwareOf(board.archId)
  const bytes = values.firmware === undefined ? await download(firmware, name) : given(values.firmware, firmware)
  const output = resolve(
    values.output ?? join(root, ".build", "firmware", `fieldlog-${name}${program === "board" ? "" : `-${program}`}${firmware.ending}`),
  )
  mkdirSync(join(output, ".."), { recursive: true })
  const unlock = lockDeviceFolder(root)
  try {
    await portsAreFree()
    bundle(name, program, firmware, bytes, output)
  } finally {
    unlock()
  }
  process.stdout.write(`${relative(process.cwd(), output)}: ${readFileSync(output).length} bytes\n${whatNext(board, firmware, output)}\n`)
}

function given(path: string, firmware: Firmware): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new Error(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  try {
    describeFirmware(bytes, firmware)
  } catch (error) {
    throw new Error(`${path} is no ${firmware.ending} firmware for the ${firmware.family}: ${(error as Error).message}`)
  }
  return bytes
}

async function download(firmware: Firmware, name: string): Promise<Uint8Array> {
  const print = (line: string) => process.stdout.write(`${line}\n`)
  try {
    return readFileSync(await pinnedFile(join(root, DOWNLOADS), firmware, (bytes) => describeFirmware(bytes, firmware), print))
  } catch (error) {
    throw new Error(
      `the firmware ${firmware.version} cannot be downloaded:\n  ${(error as Error).message.replaceAll("\n", "\n  ")}
Fetch ${firmware.name} by hand where there is a network, from
  ${firmware.urls[0]}
and give it: npm run firmware -- --board ${name} --firmware ${firmware.name}`,
    )
  }
}

/** The DeviceScript command puts program and pins into the firmware; it looks for that in its cache first. */
function bundle(name: string, program: string, firmware: Firmware, bytes: Uint8Array, output: string): void {
  const folder = stageProgram(root, name)
  const cache = join(folder, ".devicescript", "cache")
  mkdirSync(cache, { recursive: true })
  writeFileSync(join(cache, firmware.name), bytes)
  runDevs(folder, ["bundle", "--board", `fieldlog_${name}`, "--flash-file", output, `src/${program}.ts`])
}

function whatNext({ devName }: BoardJson, { family, flashAt }: Firmware, output: string): string {
  const what = devName.replace("fieldlog on ", "")
  if (flashAt === null) return `Hold BOOTSEL while you plug in the ${what}, and copy the file onto the drive RPI-RP2.`
  const chip = family.toLowerCase().replace("-", "")
  return `Flash it: esptool.py --chip ${chip} write_flash ${flashAt} ${relative(process.cwd(), output)}`
}
