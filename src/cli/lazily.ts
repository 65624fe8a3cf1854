/** Ports that can wait for an import: every member is a method that returns a promise. */
type Asynchronous<Port> = {readonly [Name in keyof Port]: (...parameters: never[]) => Promise<unknown>}

/**
 * A port whose module is imported on the first call of one of its methods.
 *
 * The commands that must start fast, the kill switch before all, then load nothing they do not use.
 */
export function lazily<Port extends Asynchronous<Port>>(open: () => Promise<Port>): Port {
  let port: Promise<Port> | null = null
  const call = async (name: keyof Port, parameters: never[]): Promise<unknown> => {
    port ??= open()
    const opened = await port
    return opened[name].apply(opened, parameters)
  }
  return new Proxy({} as Port, {
    // A port is not a promise: whoever awaits it must get the port itself.
    get: (_, name) => (name === 'then' ? undefined : (...parameters: never[]) => call(name as keyof Port, parameters)),
  })
}
