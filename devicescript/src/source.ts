/** A sensor as the sampler sees it: one call fills a group's raw values, without waiting and without allocating. */
export interface Source {
  /** Sets the sensor up: at the start, and again when it has stopped answering. May wait, allocate and fail. */
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
