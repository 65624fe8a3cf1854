import {Flags} from '@oclif/core'

/**
 * For the commands that only read the lake: the lake as it was after commit N. They leave nothing that `--commit`, as
 * every other command has it, could commit.
 */
export const pinFlag = {
  commit: Flags.integer({summary: 'the lake as of this commit number', helpValue: 'N', aliases: ['at']}),
}

/** The number that was typed; the base class types the flag of this name as its own boolean. */
export const pinOf = (flags: object): number | undefined => (flags as {commit?: number}).commit
