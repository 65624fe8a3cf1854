import {stat, statfs} from 'node:fs/promises'
import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {simpleGit} from 'simple-git'
import type {MachinePort} from '../desk.ts'

/** The engine's own collector, which only a flag makes visible: in a context of its own, so that nothing else sees it. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** What this machine is, read when asked. */
export function openMachine(root: string): MachinePort {
  let collect: (() => void) | null = null
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    pid: process.pid,
    async freeBytes() {
      const {bavail, bsize} = await statfs(root)
      return bavail * bsize
    },
    mode: (path) =>
      stat(path).then(
        ({mode}) => mode & 0o777,
        () => null,
      ),
    async tidy() {
      collect ??= collector()
      collect()
    },
    async gitIdentity() {
      const name = await simpleGit({baseDir: root})
        .raw(['config', 'user.name'])
        .catch(() => '')
      return name.trim() === '' ? null : name.trim()
    },
  }
}
