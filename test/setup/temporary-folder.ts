import {chmodSync, mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {removeTree} from '../remove-tree.ts'

/** One folder for whatever the tests of a run leave behind, and their processes; it goes when they are done. */
export default function setup(): () => Promise<void> {
  // A short name: sockets lie in it, and the path of one has room for a hundred characters.
  const folder = mkdtempSync(join(tmpdir(), 'qo-'))
  // Some tests run a command as somebody else, who has to pass through.
  chmodSync(folder, 0o711)
  process.env['TMPDIR'] = folder
  return () => removeTree(folder)
}
