import { z } from 'zod'
import { Persona } from './persona.ts'
import { Session } from './session.ts'

/** State of a part that the server needs. */
const PartState = z.enum(['up', 'down', 'none'])

/** `GET /readyz`: 200 when the server can take work, else 503 with the same body. */
export const Readiness = z.object({
  ready: z.boolean(),
  database: PartState,
  broker: PartState,
  shuttingDown: z.boolean(),
})

/** @see Readiness */
export type Readiness = z.infer<typeof Readiness>

/** The REST routes; everything live goes over the socket. */
export const routes = {
  personas: {
    method: 'GET',
    path: '/api/personas',
    summary: 'All personas that the caller may talk with.',
    response: z.array(Persona),
  },
  sessions: {
    method: 'GET',
    path: '/api/sessions',
    summary: "The caller's newest sessions, newest first. Needs a credential.",
    response: z.array(Session),
  },
  health: {
    method: 'GET',
    path: '/healthz',
    summary: 'The process is up.',
    response: z.object({ ok: z.literal(true) }),
  },
  ready: {
    method: 'GET',
    path: '/readyz',
    summary: 'Database and broker answer, and the server is not shutting down.',
    response: Readiness,
  },
} as const
