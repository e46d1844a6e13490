/** What fsck.vfat says, and which of it costs nothing. */

/** Messages that fsck.vfat may give while files are made or closed: nothing is lost by any of them. */
export const HARMLESS =
  /FATs differ|Reclaimed|[Ff]ree cluster summary|File size is n bytes, cluster chain length is > n bytes|Truncating file to n bytes/

/** What fsck.vfat complains of, numbers left out where they only say where. */
export function complaints(text: string): string[] {
  return (
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => /differ|Reclaim|summary wrong|Truncat|free cluster|share|cluster chain|Bad|invalid|unused/i.test(line))
      // The closing line has the image's path, and that a random name.
      .filter((line) => !/^Checking|uninitialized|card\.img/.test(line))
      .map((line) => line.replace(/\d+/g, "n"))
  )
}
