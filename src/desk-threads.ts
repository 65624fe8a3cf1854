/** Other threads, for one pure computation of many numbers. */
export interface ThreadsPort {
  /**
   * Numbers of a task whose n-th one depends on the job and on n alone.
   *
   * @param job   plain data and typed arrays: it is copied to the other threads
   * @param solo  computes number n on this thread
   */
  numbers(task: 'permutations', job: unknown, solo: (n: number) => number): {at(n: number): number; close(): void}

  /** all threads, this one included */
  readonly count: number

  /**
   * Parts of a task, one job each: the first is computed on this thread, the others meanwhile on threads of their own. It
   * does not matter who computes one.
   *
   * @param size  numbers of a part
   * @param solo  computes a part on this thread
   */
  parts<Job>(
    task: 'bootstrap',
    jobs: readonly Job[],
    size: (job: Job) => number,
    solo: (job: Job) => Float64Array,
  ): Float64Array[]
}
