/** What a path of the page shows. */
export type Place =
  | { readonly at: 'home' }
  | { readonly at: 'account' }
  | { readonly at: 'chat'; readonly personaId: string; readonly sessionId: string | undefined }

/** Reads a path (not decoded): `/`, `/account`, `/chat/:personaId` or `/chat/:personaId/:sessionId`; null for any other. */
export function readPath(path: string): Place | null {
  const [room, ...rest] = path.split('/').filter((part) => part !== '')
  if (room === undefined) return { at: 'home' }
  if (room === 'account' && rest.length === 0) return { at: 'account' }
  const [personaId, sessionId, more] = rest.map(decoded)
  if (room !== 'chat' || personaId === undefined || more !== undefined) return null
  return { at: 'chat', personaId, sessionId }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
