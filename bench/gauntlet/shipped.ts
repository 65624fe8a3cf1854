import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

let isBuilt = false

/**
 * A module as it is shipped, compiled: what a benchmark of the product has to run. From TypeScript no other thread would
 * start, because what translates for them waits for this one.
 *
 * @param path  in dist, `io/threads.js`
 */
export async function shipped<Module>(path: string): Promise<Module> {
  const home = new URL('../../', import.meta.url)
  if (!isBuilt) execFileSync(process.execPath, [fileURLToPath(new URL('bin/bootstrap.js', home))], {stdio: 'inherit'})
  isBuilt = true
  return (await import(new URL(`dist/${path}`, home).href)) as Module
}
