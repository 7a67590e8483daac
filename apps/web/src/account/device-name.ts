import { getParser } from 'bowser'

/** What a browser calls itself (its user agent), in plain words: `Firefox on Windows`. */
export function deviceName(userAgent: string | null | undefined): string {
  if (!userAgent) return 'Unknown browser'
  const parser = getParser(userAgent)
  const browser = parser.getBrowserName()
  const system = parser.getOSName()
  const place = parser.getPlatform().model ?? system
  if (!browser) return system ? `A browser on ${system}` : 'Unknown browser'
  return place ? `${browser} on ${place}` : browser
}

/** Whether it is one that fits into a pocket or a bag. */
export function isHandheld(userAgent: string | null | undefined): boolean {
  const type = userAgent ? getParser(userAgent).getPlatformType(true) : ''
  return type === 'mobile' || type === 'tablet'
}
