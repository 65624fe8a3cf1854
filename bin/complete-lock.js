#!/usr/bin/env node
// After a dependency changed: drop download addresses from package-lock.json and list the optional platform packages
// that npm left out, so that `npm ci` accepts the file on every platform (docs/decisions/0011).
import {readFileSync, writeFileSync} from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))
const OS = /(android|darwin|win32|freebsd|netbsd|openbsd|openharmony|linux|sunos|aix)/
const CPU = /(arm64|x64|ia32|arm(?=-|$)|ppc64|riscv64|s390x|loong64|mips64el)/
let added = 0

for (const item of Object.values(lock.packages)) {
  delete item.resolved
  for (const [name, version] of Object.entries(item.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (lock.packages[key] || !/^\d/.test(version)) continue
    const [short] = name.split('/').slice(-1)
    const [os, cpu] = [OS.exec(short)?.[1], CPU.exec(short)?.[1]]
    const libc = /musl/.test(short) ? 'musl' : /linux-.*-gnu/.test(short) ? 'glibc' : undefined
    lock.packages[key] = {
      version,
      ...(cpu && {cpu: [cpu]}),
      ...(item.dev && {dev: true}),
      optional: true,
      ...(os && {os: [os]}),
      ...(libc && {libc: [libc]}),
    }
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.error(`${added} optional platform packages added`)
