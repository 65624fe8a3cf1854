import {Flags} from '@oclif/core'

/** For the commands that compute on the market: read over holes of the coverage ledger instead of refusing. */
export const gapFlag = {
  'allow-gaps': Flags.boolean({summary: 'read over holes in the data; the result says so'}),
}
