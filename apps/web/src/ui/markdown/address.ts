/**
 * An address that a model wrote, if a person may follow it: absolute, and to the web or a mailbox.
 * Everything else (`javascript:`, `data:`, an address on this server) is null.
 */
export function linkAddress(written: string): string | null {
  return addressOf(written, ['http:', 'https:', 'mailto:'])
}

/** An address of a picture on the web, if it is one; else null. */
export function imageAddress(written: string): string | null {
  return addressOf(written, ['http:', 'https:'])
}

function addressOf(written: string, protocols: readonly string[]): string | null {
  if (!URL.canParse(written)) return null
  const { protocol, href } = new URL(written)
  return protocols.includes(protocol) ? href : null
}
