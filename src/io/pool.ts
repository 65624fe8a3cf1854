export function mapInPool<In, Out>(_task: string, _inputs: readonly In[]): Promise<Out[]> {
  return Promise.reject(new Error('replaced'))
}
