/** What Mac and Windows leave in folders: AppleDouble companions, trash cans, search indexes, volume data. */
const DEBRIS =
  /^(\._.*|\.ds_store|\.trashes|\.trash-\d+|\.spotlight-v100|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|__macosx|system volume information|\$recycle\.bin|recycler|recycled|thumbs\.db|desktop\.ini)$/i

/** True for the name of a file or folder that an operating system put there: no log of the user lies in it or below it. */
export function isDebris(name: string): boolean {
  return DEBRIS.test(name)
}
