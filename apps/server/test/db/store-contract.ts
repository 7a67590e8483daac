import { afterAll, beforeAll } from 'vitest'
import { branchesContract } from './contract/branches.ts'
import { commitContract } from './contract/commit.ts'
import { concealmentContract } from './contract/concealment.ts'
import { endingContract } from './contract/ending.ts'
import { openingContract } from './contract/opening.ts'
import { ownershipContract } from './contract/ownership.ts'
import { personaContract } from './contract/personas.ts'
import { quotaContract } from './contract/quotas.ts'
import { readingContract } from './contract/reading.ts'
import { rememberedBranchesContract } from './contract/remembered-branches.ts'
import { shownTextContract } from './contract/shown-text.ts'
import { spendContract } from './contract/spend.ts'
import { spendChangesContract } from './contract/spend-changes.ts'
import { stopContract } from './contract/stop.ts'
import { syncContract } from './contract/sync.ts'
import { type Stage, sure } from './stage.ts'

/** What every Store has to do, on whichever database. */
export function storeContract(open: () => Promise<Stage>): void {
  let stage: Stage | undefined
  beforeAll(async () => {
    stage = await open()
  })
  afterAll(() => stage?.close())
  const current = () => sure(stage)
  openingContract(current)
  commitContract(current)
  quotaContract(current)
  spendContract(current)
  spendChangesContract(current)
  endingContract(current)
  branchesContract(current)
  rememberedBranchesContract(current)
  ownershipContract(current)
  shownTextContract(current)
  stopContract(current)
  readingContract(current)
  syncContract(current)
  concealmentContract(current)
  personaContract(current)
}
