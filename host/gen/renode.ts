/** What the generator needs of a board file: the DeviceScript CLI's own format. */
export interface BoardFile {
  readonly devName: string
  readonly archId: string
  readonly pins: Readonly<Record<string, number>>
}

/** Card size of the image that the test prepares: the card model needs it said. */
const CARD_BYTES = 64 * 1024 * 1024

/** Models of the public RP2040 platform that this platform uses, in loading order. SPI, DMA and PIO are left out: ours, ours, unused. */
const PUBLIC_MODELS = [
  "externals/w25q16",
  "peripherals/memory/memory_alias",
  "peripherals/rp2040_peripheral_base",
  "peripherals/clocks/rp2040_xosc",
  "peripherals/clocks/rp2040_rosc",
  "peripherals/clocks/rp2040_pll",
  "peripherals/power/power",
  "peripherals/gpio/rp2040_gpio",
  "peripherals/clocks/rp2040_clocks",
  "peripherals/timer/rp2040_timer",
  "peripherals/gpio/rp2040_pads",
  "peripherals/gpio/rp2040_qspi_pads",
  "peripherals/spi/rp2040_xip_ssi",
  "peripherals/sio/rp2040_sio",
  "peripherals/adc/rp2040_adc",
  "peripherals/uart/rp2040_uart",
  "peripherals/watchdog/rp2040_watchdog",
  "peripherals/psm/rp2040_psm",
] as const

/** The pins that the card hangs on, by their names in the board file. @throws Error naming a pin that the board lacks */
export function cardPins(board: BoardFile): { miso: number; mosi: number; sck: number; cs: number } {
  const pin = (name: string) => {
    const number = board.pins[name]
    if (number === undefined) throw new Error(`${board.devName}: the board file has no pin ${name}`)
    return number
  }
  return { miso: pin("SD_MISO"), mosi: pin("SD_MOSI"), sck: pin("SD_SCK"), cs: pin("SD_CS") }
}

/**
 * The platform of a board for Renode 1.15.3.
 * @throws Error when the board's chip is no RP2040 or its card is not on SPI0 (RP2040 datasheet 2.19.2)
 */
export function renodePlatform(id: string, board: BoardFile): string {
  const pins = cardPins(board)
  if (board.archId !== "rp2040") throw new Error(`${id}: Renode has a platform for the RP2040 only, not for ${board.archId}`)
  const spi0 = (pin: number, role: number) => (pin < 8 || (pin >= 16 && pin < 24)) && pin % 4 === role
  if (!spi0(pins.miso, 0) || !spi0(pins.sck, 2) || !spi0(pins.mosi, 3)) throw new Error(`${id}: the card's pins are not those of SPI0`)
  return `// Generated from boards/${id}.board.json by \`npm run gen\`; do not edit.
bootrom: Memory.MappedMemory @ sysbus 0x00000000
    size: 0x4000

flash0: Memory.MappedMemory @ sysbus 0x10000000
    size: 0x200000

flash0_alias: Memory.MemoryAlias @ sysbus 0x13000000
    address: 0x10000000
    size: 0x200000

sram: Memory.MappedMemory @ sysbus 0x20000000
    size: 0x42000

usbram: Memory.MappedMemory @ sysbus 0x50100000
    size: 0x1000

cpu0: CPU.CortexM @ sysbus
    cpuType: "cortex-m0+"
    id: 0
    nvic: nvic0

cpu1: CPU.CortexM @ sysbus
    cpuType: "cortex-m0+"
    id: 1
    nvic: nvic1

nvic0: IRQControllers.NVIC @ sysbus new Bus.BusPointRegistration { address: 0xe000e000; cpu: cpu0 }
    systickFrequency: 125000000
    -> cpu0@0

nvic1: IRQControllers.NVIC @ sysbus new Bus.BusPointRegistration { address: 0xe000e000; cpu: cpu1 }
    systickFrequency: 125000000
    -> cpu1@0

uart0: UART.RP2040Uart @ sysbus 0x40034000
    address: 0x40034000
    IRQ -> nvic0@20

timer: Timers.RP2040Timer @ sysbus 0x40054000
    address: 0x40054000
    IRQ0 -> nvic0@0
    IRQ1 -> nvic0@1
    IRQ2 -> nvic0@2
    IRQ3 -> nvic0@3

pll: Miscellaneous.RP2040PLL @ sysbus 0x40028000
    address: 0x40028000

pll_usb: Miscellaneous.RP2040PLL @ sysbus 0x4002c000
    address: 0x4002c000

xosc: Miscellaneous.RP2040XOSC @ sysbus 0x40024000
    frequency: 12000000
    address: 0x40024000

rosc: Miscellaneous.RP2040ROSC @ sysbus 0x40060000
    address: 0x40060000

clocks: Miscellaneous.RP2040Clocks @ sysbus 0x40008000
    xosc: xosc
    rosc: rosc
    pll: pll
    pllusb: pll_usb
    nvic0: nvic0
    nvic1: nvic1
    address: 0x40008000
    gpio: gpio
    IRQ -> nvic0@17

gpio: GPIOPort.RP2040GPIO @ sysbus 0x40014000
    numberOfPins: 30
    numberOfCores: 2
    address: 0x40014000
    IRQ0 -> nvic0@13
    IRQ1 -> nvic1@13
    ${pins.cs} -> card_select@0

gpio_qspi: GPIOPort.RP2040GPIO @ sysbus 0x40018000
    numberOfPins: 6
    numberOfCores: 2
    address: 0x40018000
    1 -> xip_flash@0

sio: Miscellaneous.RP2040SIO @ sysbus 0xd0000000
    gpio: gpio
    gpioQspi: gpio_qspi
    address: 0xd0000000
    Core0IRQ -> nvic0@15
    Core1IRQ -> nvic1@16

pads: GPIOPort.RP2040Pads @ sysbus 0x4001c000
    gpio: gpio
    address: 0x4001c000

qspi_pads: GPIOPort.RP2040QspiPads @ sysbus 0x40020000
    gpio: gpio_qspi
    address: 0x40020000

xip_ssi: SPI.RP2040XIPSSI @ sysbus 0x18000000
    address: 0x18000000
    clocks: clocks
    chipSelect: xip_flash

xip_flash: SPI.W25QXX @ xip_ssi
    underlyingMemory: flash0

adc: Analog.RP2040ADC @ sysbus 0x4004c000
    address: 0x4004c000
    clocks: clocks
    pads: pads

watchdog: Timers.RP2040Watchdog @ sysbus 0x40058000
    address: 0x40058000
    clocks: clocks

psm: Miscellaneous.PSM @ sysbus 0x40010000
    address: 0x40010000

// Card on SPI0: MISO GP${pins.miso}, CS GP${pins.cs}, SCK GP${pins.sck}, MOSI GP${pins.mosi}.
spi0: SPI.FieldlogSpi @ sysbus 0x4003c000

card_select: SPI.SPIMultiplexer @ spi0
    init:
        SetActiveLow 0

card: SD.SDCard @ card_select 0
    imageFile: "card.img"
    capacity: ${CARD_BYTES}
    persistent: true
    spiMode: true

dma: DMA.FieldlogDma @ sysbus 0x50000000
    spi0: spi0
    IRQ -> nvic0@11
`
}

/** The script that loads models, platform, bootrom and firmware. Variables name what is not in this repository. */
export function renodeScript(id: string): string {
  const includes = PUBLIC_MODELS.map((model) => `include $rp2040/emulation/${model}.cs`)
  return `# Generated from boards/${id}.board.json by \`npm run gen\`; do not edit.
# Set before: $rp2040 (checkout of the public RP2040 platform), $bootrom, $firmware. card.img lies in the working folder.
$name?="${id}"

mach create $name
${includes.join("\n")}
include $ORIGIN/rp2040_spi_dma.cs
machine LoadPlatformDescription $ORIGIN/${id}.repl

sysbus LoadBinary $bootrom 0x00000000
sysbus LoadBinary $firmware 0x10000000
sysbus.cpu0 VectorTableOffset 0x00000000
sysbus.cpu1 VectorTableOffset 0x00000000
sysbus.cpu1 IsHalted true
`
}

/** The Robot test: boots, waits for the logger's console lines, leaves the image to the laptop's tools. */
export function renodeRobot(id: string): string {
  return `# Generated from boards/${id}.board.json by \`npm run gen\`; do not edit.
*** Settings ***
Suite Setup       Setup
Suite Teardown    Teardown
Test Teardown     Test Teardown
Test Timeout      10 minutes

*** Test Cases ***
Records onto the card
    Execute Command           $rp2040=@\${RP2040}
    Execute Command           $bootrom=@\${BOOTROM}
    Execute Command           $firmware=@\${FIRMWARE}
    Execute Command           include @\${CURDIR}/${id}.resc
    Create Terminal Tester    sysbus.uart0
    Start Emulation
    Wait For Line On Uart     logging    timeout=60
    Execute Command           emulation RunFor "00:00:10"
    Execute Command           pause
`
}
