/** A sensor as the sampler sees it: one call fills a group's raw values, without waiting and without allocating. */
export interface Source {
  /** Sets the sensor up. May wait, allocate, and fail: the group is then asked all the same, and gives no rows until it answers. */
  start: () => Promise<void>
  /**
   * Takes one sample.
   * @param values one place a channel, to be filled with raw values
   * @param now ms since the log's start
   * @returns false when the sensor did not answer: the row is counted as dropped
   */
  read: (values: number[], now: number) => boolean
}

/** For sources that need no setting up. */
export async function nothing(): Promise<void> {}
