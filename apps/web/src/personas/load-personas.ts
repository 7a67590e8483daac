import { type Persona, routes } from '@parley/protocol'

/** Reads all personas. @throws {Error} if the server cannot be reached or answers something else. */
export async function loadPersonas(signal: AbortSignal): Promise<readonly Persona[]> {
  const answer = await fetch(routes.personas.path, { signal })
  if (!answer.ok) throw new Error(`The personas could not be read: ${answer.status}`)
  return routes.personas.response.parse(await answer.json())
}
