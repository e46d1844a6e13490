import * as ds from "@devicescript/core"
import { settings } from "../../../devicescript/node_modules/@devicescript/settings/src/client"
import { closeWanted, startButton } from "../../../devicescript/src/board/button.js"
import { flashSettings } from "../../../devicescript/src/board/flash.js"
import { blinkOn, startLight } from "../../../devicescript/src/board/light.js"
import { ds3231 } from "../../../devicescript/src/clocks/ds3231.js"
import { httpDate } from "../../../devicescript/src/clocks/http-date.js"
import { analog } from "../../../devicescript/src/sensors/analog.js"
import { bme680 } from "../../../devicescript/src/sensors/bme680.js"
import { chipTemperature } from "../../../devicescript/src/sensors/chip-temperature.js"
import { digital } from "../../../devicescript/src/sensors/digital.js"
import type { I2cBus } from "../../../devicescript/src/sensors/i2c.js"
import { lsm6ds } from "../../../devicescript/src/sensors/lsm6ds.js"
import { mpu6050 } from "../../../devicescript/src/sensors/mpu6050.js"
import { pulses } from "../../../devicescript/src/sensors/pulses.js"
import { sht30 } from "../../../devicescript/src/sensors/sht30.js"
import { ask, exchange, tell } from "../../../devicescript/src/simulator/natives.js"
import type { Source } from "../../../devicescript/src/source.js"

/** The board's own parts, one at a time, on chips and pins that the host plays. */

/** The host's chips: result, address, bytes written and to be read, then both. */
class HostI2c implements I2cBus {
  private readonly frame = Buffer.alloc(64)

  transfer(address: number, write: Buffer, into?: Buffer): number {
    const f = this.frame
    const reads = into ? into.length : 0
    f[1] = address
    f[2] = write.length
    f[3] = reads
    f.blitAt(4, write, 0, write.length)
    tell("transfer", 0)
    exchange(f)
    if (into && f[0] === 0) into.blitAt(0, f, 4 + write.length, reads)
    return f.getAt(0, "i8")
  }
}

/** A pin whose level the host says. */
class HostPin {
  value: number

  constructor(private readonly name: string) {
    this.value = 1
  }

  setMode(mode: number): void {
    tell(`mode ${this.name}`, mode)
  }

  async follow(): Promise<void> {
    for (;;) {
      this.value = ask(this.name)
      await ds.sleep(1)
    }
  }
}

const bus = new HostI2c()
const pin = new HostPin("pin")
const input = pin as unknown as ds.InputPin
const kind = ask("part")

if (kind === 1) await sample(mpu6050(bus, 0x68))
else if (kind === 2) await sample(lsm6ds(bus, 0x6a))
else if (kind === 3) await sample(sht30(bus, 0x44))
else if (kind === 4) await sample(analog([input]))
else if (kind === 5) await sample(digital([input]))
else if (kind === 6) await sample(pulses([input]))
else if (kind === 7) await sample(chipTemperature())
else if (kind === 8) await readClock()
else if (kind === 9) await pressButton()
else if (kind === 10) await showStates()
else if (kind === 13) await sample(bme680(bus, 0x76))
else if (kind === 11) tell(`time ${await httpDate("time.example").read()}`, 0)
else await readFlash()

/** Sets the sensor up whenever the host asks for it, samples it every so many ms, and hands the values over. */
async function sample(source: Source): Promise<void> {
  const values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  const row = Buffer.alloc(104)
  pin.follow.start()
  for (;;) {
    if (ask("start") === 1) {
      try {
        await source.start()
        tell("started", 0)
      } catch (error) {
        tell(`failed ${(error as Error).message}`, 0)
      }
    }
    await ds.sleep(ask("period"))
    row.setAt(0, "f64", source.read(values, 0) ? 1 : 0)
    for (let i = 0; i < 12; i++) row.setAt(8 + 8 * i, "f64", values[i])
    tell("row", 0)
    exchange(row)
  }
}

async function readClock(): Promise<void> {
  const chip = ds3231(bus)
  tell(`time ${await chip.read()}`, 0)
  if (ask("set") === 1) await chip.set("2026-11-21 22:45:09")
  await ds.sleep(2500)
  tell(`time ${await chip.read()}`, 0)
}

async function pressButton(): Promise<void> {
  startButton(input)
  pin.follow.start()
  let wanted = false
  for (;;) {
    if (closeWanted() !== wanted) {
      wanted = !wanted
      tell(wanted ? "close" : "open", 0)
    }
    await ds.sleep(1)
  }
}

/** The setting as the board's own firmware gives it, before and after a deployment. */
async function readFlash(): Promise<void> {
  tell(`setting ${await flashSettings()}`, 0)
  await settings.set("LOGGER", Buffer.from('"format=ddff; imu=50"'))
  tell(`setting ${await flashSettings()}`, 0)
}

/** Each state for ten seconds. */
async function showStates(): Promise<void> {
  startLight(new HostPin("led") as unknown as ds.OutputPin)
  const states = ["starting", "logging", "absent", "full", "protected", "not-fat32", "exfat", "read", "closed", "low", "logging"]
  for (let i = 0; i < states.length; i++) {
    tell(`state ${states[i]}`, 0)
    blinkOn(states[i])
    await ds.sleep(10000)
  }
}
