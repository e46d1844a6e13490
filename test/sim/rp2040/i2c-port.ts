import { I2CMode, type RPI2C } from "rp2040js"
import type { Chip } from "../chips/i2c.js"
import { type Machine, SYSTEM_HZ } from "./machine.js"

/** IC_RAW_INTR_STAT, RP2040 datasheet 4.3.17: what is to be sent is sent. */
const TX_EMPTY = 1 << 4
/** Eight bits and the acknowledgement. */
const CLOCKS = 9

/**
 * Wires chips to an I2C controller of the emulator; none is an empty bus. A byte takes nine clocks of the controller's set frequency.
 * A chip's refusal of a byte is seen by the program when it sends the next one.
 */
export function attachI2c(machine: Machine, controller: 0 | 1, chips: readonly Chip[]): void {
  const i2c = machine.mcu.i2c[controller] as RPI2C
  let chip: Chip | undefined
  let next = () => {}
  const alarm = machine.clock.createAlarm(() => next())
  const now = () => machine.nanos / 1e6
  const afterByte = (done: () => void) => {
    next = done
    alarm.schedule((CLOCKS * (i2c.sclLowPeriod + i2c.sclHighPeriod) * 1e9) / SYSTEM_HZ)
  }
  i2c.onConnect = (address, mode) =>
    afterByte(() => {
      chip = chips.find((candidate) => candidate.address === address)
      const taken = chip?.select(mode === I2CMode.Read, now()) ?? false
      i2c.completeConnect(taken)
      // The emulator forgets that a refused address empties the queue; the firmware waits for that.
      if (!taken) (i2c as unknown as Interrupts).setInterrupts(TX_EMPTY)
    })
  i2c.onWriteByte = (byte) => afterByte(() => i2c.completeWrite(chip?.write(byte, now()) ?? false))
  i2c.onReadByte = () => afterByte(() => i2c.completeRead(chip?.read(now()) ?? 0xff))
  i2c.onStop = () => {
    chip?.stop(now())
    chip = undefined
    i2c.completeStop()
  }
}

/** What the emulator's types keep to itself. */
interface Interrupts {
  setInterrupts(mask: number): void
}
