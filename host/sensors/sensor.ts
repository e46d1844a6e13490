import type { Channel, Values } from "../model/log.js"

/** A kind of sensor whose values the laptop computes from what the logger stored. */
export interface SensorKind {
  /** The sensors of this kind among the channels of one group, told by the names of their channels. */
  find(channels: readonly Channel[]): readonly Sensor[]
}

/** One sensor in one group. */
export interface Sensor {
  /** Indexes of the stored channels that it computes from. Its computed channels stand where the first of them stood. */
  readonly inputs: readonly number[]
  readonly channels: readonly Channel[]
  /**
   * @param inputs the stored columns in the order of `inputs`
   * @param rows values in each of them
   * @returns a column for each of `channels`; a row that lacks any input is masked by the caller
   */
  compute(inputs: readonly Values[], rows: number): readonly Float64Array[]
}
