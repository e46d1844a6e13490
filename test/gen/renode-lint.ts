/** A lint for Renode's files, as far as the networked job's mistakes can be found offline. */

/** Types that the platform may name: Renode's own, the public RP2040 platform's, and ours. */
const TYPES = new Set([
  "Memory.MappedMemory",
  "Memory.MemoryAlias",
  "CPU.CortexM",
  "IRQControllers.NVIC",
  "UART.RP2040Uart",
  "Timers.RP2040Timer",
  "Timers.RP2040Watchdog",
  "Miscellaneous.RP2040PLL",
  "Miscellaneous.RP2040XOSC",
  "Miscellaneous.RP2040ROSC",
  "Miscellaneous.RP2040Clocks",
  "Miscellaneous.RP2040SIO",
  "Miscellaneous.PSM",
  "GPIOPort.RP2040GPIO",
  "GPIOPort.RP2040Pads",
  "GPIOPort.RP2040QspiPads",
  "SPI.RP2040XIPSSI",
  "SPI.W25QXX",
  "SPI.SPIMultiplexer",
  "SPI.FieldlogSpi",
  "SD.SDCard",
  "DMA.FieldlogDma",
  "Analog.RP2040ADC",
])
const COMMANDS = [
  "mach create",
  "include",
  "EnsureTypeIsLoaded",
  "machine LoadPlatformDescription",
  "sysbus LoadBinary",
  "sysbus.cpu0",
  "sysbus.cpu1",
  "sysbus.gpio OnGPIO",
  "logLevel",
]
/** Models of the public platform that others are built on: a script must load their types behind the include. */
const BASES: Readonly<Record<string, string>> = {
  rp2040_peripheral_base: "RP2040PeripheralBase",
  rp2040_xosc: "Miscellaneous.RP2040XOSC",
  rp2040_rosc: "Miscellaneous.RP2040ROSC",
  rp2040_pll: "Miscellaneous.RP2040PLL",
  rp2040_gpio: "GPIOPort.RP2040GPIO",
  rp2040_clocks: "Miscellaneous.RP2040Clocks",
  rp2040_pads: "GPIOPort.RP2040Pads",
}
const KEYWORDS = new Set([
  "Library",
  "Run Process",
  "Log To Console",
  "Should Be Equal As Integers",
  "[Arguments]",
  "Suite Setup",
  "Suite Teardown",
  "Test Teardown",
  "Test Timeout",
  "Execute Command",
  "Create Terminal Tester",
  "Start Emulation",
  "Wait For Line On Uart",
])

/** `name: Type @ parent place` at the start of a line. */
const ENTRY = /^(\w+):\s*([\w.]+)\s*@\s*(\w+)/

/** What is wrong with a platform description. @param before names that descriptions loaded before have */
export function platformFaults(text: string, ...before: string[]): string[] {
  const lines = text.split("\n")
  const declared = new Set(["sysbus", ...before])
  for (const line of lines) {
    const name = ENTRY.exec(line)?.[1]
    if (name !== undefined) declared.add(name)
  }
  return lines.flatMap((line, i) => {
    const faults: string[] = []
    const fault = (what: string) => faults.push(`line ${i + 1}: ${what}`)
    const known = (name: string | undefined) => name === undefined || declared.has(name) || fault(`${name} is not declared`)
    if (line.includes("\t")) fault("tab")
    if (/:\s*@/.test(line)) fault("unquoted path")
    if (/^\s*imageFile:\s*"(?!\/)/.test(line)) fault("relative image path: Renode leaves its folder and makes a new file")
    const entry = ENTRY.exec(line)
    if (entry !== null) {
      if (!TYPES.has(entry[2] as string)) fault(`unknown type ${entry[2]}`)
      known(entry[3])
    } else if (/^\S/.test(line) && !line.startsWith("//") && line !== "sysbus:") fault(`no entry: ${line}`)
    known(/->\s*(\w+)@/.exec(line)?.[1])
    known(
      /^ {4}(?:xosc|rosc|pll|pllusb|nvic|nvic0|nvic1|gpio|gpioQspi|clocks|pads|chipSelect|underlyingMemory|spi0):\s*(\w+)$/.exec(line)?.[1],
    )
    return faults
  })
}

/** What is wrong with a script; `exists` answers for files beside it. */
export function scriptFaults(text: string, exists: (file: string) => boolean): string[] {
  return text.split("\n").flatMap((line, i) => {
    const faults: string[] = []
    if (line === "" || line.startsWith("#") || /^\$\w+\?=/.test(line)) return faults
    if (!COMMANDS.some((command) => line === command || line.startsWith(`${command} `)))
      faults.push(`line ${i + 1}: unknown command: ${line}`)
    const file = /\$ORIGIN\/(\S+)/.exec(line)?.[1]
    if (file !== undefined && !exists(file)) faults.push(`line ${i + 1}: ${file} is missing`)
    const type = BASES[/(\w+)\.cs$/.exec(line)?.[1] ?? ""]
    if (type !== undefined && text.split("\n")[i + 1] !== `EnsureTypeIsLoaded "Antmicro.Renode.Peripherals.${type}"`)
      faults.push(`line ${i + 1}: EnsureTypeIsLoaded of ${type} is missing behind it`)
    return faults
  })
}

/** What is wrong with a Robot test; `exists` answers for files beside it. */
export function robotFaults(text: string, exists: (file: string) => boolean): string[] {
  let section = ""
  const own = new Set(/\*\*\* Keywords \*\*\*\n([^*]*)/.exec(text)?.[1]?.match(/^\S.*$/gm) ?? [])
  return text.split("\n").flatMap((line, i) => {
    const faults: string[] = []
    section = /^\*\*\* (.+) \*\*\*$/.exec(line)?.[1] ?? section
    const word = section === "Settings" ? /^(\S+(?: \S+)*)/.exec(line)?.[1] : /^ {4}(?:\$\{\w+\}= {4})?(\S+(?: \S+)*)/.exec(line)?.[1]
    if (word !== undefined && !word.startsWith("#") && !word.startsWith("***") && !KEYWORDS.has(word) && !own.has(word))
      faults.push(`line ${i + 1}: unknown keyword ${word}`)
    const file = /\$\{CURDIR\}\/(\S+)/.exec(line)?.[1]
    if (file !== undefined && !exists(file)) faults.push(`line ${i + 1}: ${file} is missing`)
    return faults
  })
}
