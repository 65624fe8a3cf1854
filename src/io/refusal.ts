/** What an operating system refuses, by what is to be done about it. */
export type Refusal = 'full' | 'unwritable' | 'broken' | 'too many files'

const BY_CODE: Readonly<Record<string, Refusal>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'unwritable',
  EACCES: 'unwritable',
  EPERM: 'unwritable',
  EIO: 'broken',
  EMFILE: 'too many files',
  ENFILE: 'too many files',
}

/** By the code of a failed call; null: it is no matter of the disk. */
export const refusalOf = (code: string | undefined): Refusal | null => BY_CODE[code ?? ''] ?? null
