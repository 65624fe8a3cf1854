import {stat, statfs} from 'node:fs/promises'
import {simpleGit} from 'simple-git'
import type {MachinePort} from '../desk.ts'

/** What this machine is, read when asked. */
export function openMachine(root: string): MachinePort {
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
    async gitIdentity() {
      const name = await simpleGit({baseDir: root})
        .raw(['config', 'user.name'])
        .catch(() => '')
      return name.trim() === '' ? null : name.trim()
    },
  }
}
