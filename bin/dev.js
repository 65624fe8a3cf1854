#!/usr/bin/env node
import {fileURLToPath} from 'node:url'
import {execute} from '@oclif/core'
import {register} from 'tsx/esm/api'

register()
const root = fileURLToPath(new URL('..', import.meta.url))
await execute({development: true, dir: import.meta.url, loadOptions: {root, ignoreManifest: true}})
