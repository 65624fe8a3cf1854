/** Every host of JavaScript has it; the pure code names no host, so its type is said here. */
declare const TextDecoder: new () => {decode(bytes: Uint8Array): string}

const decoder = new TextDecoder()

/** UTF-8 -> text; bytes that are none become U+FFFD. */
export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes)
