import type {Ora} from 'ora'
import type {Progress} from '../desk.ts'

/** A spinner on standard error, only on a terminal; cron and CI see nothing. */
export function openProgress({quiet}: {quiet: boolean}): Progress {
  if (quiet || !process.stderr.isTTY) return {say: () => undefined, done: () => undefined}
  let spinner: Ora | null = null
  let text = ''
  let finished = false
  return {
    say(line) {
      text = line
      finished = false
      if (spinner) spinner.text = line
      else {
        void import('ora').then(({default: ora}) => {
          if (!finished) spinner ??= ora({text, stream: process.stderr}).start()
        })
      }
    },
    done() {
      finished = true
      spinner?.stop()
      spinner = null
    },
  }
}
