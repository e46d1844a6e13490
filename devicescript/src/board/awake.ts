import * as ds from "@devicescript/core"

/**
 * Starts a fiber that prints more than the console can send, so that the firmware's main loop never waits for a timer:
 * see "The console on GP0" in boards/fieldlog_pico.md. Needs the board file's `log` entry.
 */
export function keepAwake(): void {
  chatter.start()
}

async function chatter(): Promise<void> {
  for (;;) {
    console.log(".....")
    await ds.sleep(150)
  }
}
