/** Other threads, for one pure computation of many numbers. */
export interface ThreadsPort {
  /**
   * Numbers of a task whose n-th one depends on the job and on n alone.
   *
   * @param job   plain data and typed arrays: it is copied to the other threads
   * @param solo  computes number n on this thread
   */
  numbers(task: 'permutations', job: unknown, solo: (n: number) => number): {at(n: number): number; close(): void}
}
