import { z } from 'zod'
import { ErrorCode } from './errors.ts'
import { PersonExport } from './export.ts'
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

/** Body of every REST answer that is not a success. */
export const HttpError = z.object({
  error: z.union([ErrorCode, z.enum(['NOT_FOUND', 'ORIGIN_NOT_ALLOWED', 'TOO_LARGE'])]),
})

/** @see HttpError */
export type HttpError = z.infer<typeof HttpError>

/** How people may sign in here. */
export const SignInWays = z.object({
  password: z.boolean(),
  /** A provider that speaks OpenID Connect, by the name that people know. */
  oidc: z.object({ name: z.string() }).nullable(),
})

/** @see SignInWays */
export type SignInWays = z.infer<typeof SignInWays>

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
  export: {
    method: 'GET',
    path: '/api/export',
    summary: 'Everything that is kept of the caller, as a file. Needs a credential.',
    response: PersonExport,
  },
  signInWays: {
    method: 'GET',
    path: '/api/sign-in-ways',
    summary: 'How people may sign in: with e-mail and password, and with a provider if there is one.',
    response: SignInWays,
  },
  picture: {
    method: 'GET',
    path: '/api/personas/:personaId/pictures/:versionId.svg',
    summary: 'Picture of a persona as one version of it stands: an SVG image, which never changes.',
    response: z.string(),
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
    summary:
      'The database answers and the server is not shutting down. A broker that is down is told and does not count: this process goes on serving its own sockets.',
    response: Readiness,
  },
} as const

/** Address of a persona's picture, below the server's own. */
export function picturePath(personaId: string, versionId: string): string {
  return routes.picture.path
    .replace(':personaId', encodeURIComponent(personaId))
    .replace(':versionId', encodeURIComponent(versionId))
}
