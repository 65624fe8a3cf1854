/** Why a request did not get through, as one word or line: fetch hides the socket's reason one level down. */
export function transportReason(error: unknown): string {
  const {message, cause} = error as Error & {cause?: {code?: string; message?: string}}
  return cause?.code ?? cause?.message ?? message
}
