import type { RP2040 } from "rp2040js"

/** RP2040 datasheet 4.9: four external inputs and the temperature sensor, 12 bits. */
export const AdcLevels = {
  /** A Pico: VSYS/3 on input 3 (a reading near 0 would mean a Pico W), about 27 degrees C on input 4. */
  pico(mcu: RP2040): void {
    mcu.adc.channelValues[3] = 4000
    mcu.adc.channelValues[4] = 876
  },
}
