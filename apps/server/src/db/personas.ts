import { z } from 'zod'
import type { PersonaVersion, Store } from '../chat/ports.ts'
import type { Database } from './connect.ts'
import { withFaults } from './faults.ts'

/** A persona that comes with the program, as one version of it stands. */
export interface SeedPersona extends PersonaVersion {
  /** An SVG document. */
  readonly picture: string
}

/** Versions kept in memory; they never change, so a kept one is never stale. */
const KEPT_VERSIONS = 500

const Script = z.object({
  answers: z.array(z.object({ words: z.array(z.string()), text: z.string() })),
  otherwise: z.array(z.string()).min(1),
})

/**
 * Makes sure that the built-in personas exist and stand at these versions. Earlier versions stay:
 * the replies that they wrote name them. May run in several processes at once.
 */
export async function seedPersonas({ prisma }: Database, personas: readonly SeedPersona[]): Promise<void> {
  for (const { id, personaId, script, ...version } of personas) {
    await withFaults(
      () => prisma.$executeRaw`INSERT INTO "Persona" (id, "currentVersionId") VALUES (${personaId}, ${id})
        ON CONFLICT (id) DO NOTHING`,
    )
    await prisma.personaVersion.createMany({
      data: { id, personaId, script: JSON.parse(JSON.stringify(script)), ...version },
      skipDuplicates: true,
    })
    await prisma.persona.update({ where: { id: personaId }, data: { currentVersionId: id } })
  }
}

/** The Store's reads of personas. */
export function createPersonaReads({
  prisma,
}: Database): Pick<Store, 'personas' | 'persona' | 'personaVersion' | 'picture'> {
  const kept = new Map<string, PersonaVersion>()

  const personaVersion = async (versionId: string): Promise<PersonaVersion | null> => {
    const held = kept.get(versionId)
    if (held) return held
    const row = await withFaults(() =>
      prisma.personaVersion.findUnique({
        where: { id: versionId },
        omit: { picture: true, createdAt: true },
      }),
    )
    if (!row) return null
    const version = { ...row, script: Script.parse(row.script) }
    if (kept.size >= KEPT_VERSIONS) kept.clear()
    kept.set(versionId, version)
    return version
  }

  return {
    personaVersion,

    personas: async () => {
      const rows = await withFaults(() =>
        prisma.persona.findMany({ where: { ownerId: null }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
      )
      const versions = await Promise.all(rows.map((row) => personaVersion(row.currentVersionId)))
      return versions.filter((version) => version !== null)
    },

    persona: async (personaId) => {
      const row = await withFaults(() =>
        prisma.persona.findUnique({ where: { id: personaId, ownerId: null } }),
      )
      return row && personaVersion(row.currentVersionId)
    },

    picture: async (versionId) => {
      const row = await withFaults(() =>
        prisma.personaVersion.findUnique({
          where: { id: versionId, persona: { ownerId: null } },
          select: { picture: true },
        }),
      )
      return row?.picture ?? null
    },
  }
}
