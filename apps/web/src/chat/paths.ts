/** Address of the newest conversation with a persona. */
function personaPath(personaId: string): string {
  return `/chat/${encodeURIComponent(personaId)}`
}

/** Address of a conversation. */
export function sessionPath(personaId: string, sessionId: string): string {
  return `${personaPath(personaId)}/${encodeURIComponent(sessionId)}`
}
