#!/usr/bin/env node
// The latch of `killswitch engage` comes before everything, the command line framework included.
import {latchEarly} from '../dist/cli/latch-first.js'

latchEarly(process.argv.slice(2))
const {execute} = await import('@oclif/core')
await execute({dir: import.meta.url})
