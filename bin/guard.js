#!/usr/bin/env node
// The guard's own entry: no command line framework, no lake, nothing that the shortest path does not need.
import '../dist/guard/main.js'
