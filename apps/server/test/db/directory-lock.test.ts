import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DirectoryLocked, lockDirectory } from '../../src/db/directory-lock.ts'
import { type Child, startChild } from './child.ts'

const PROCESSES = 10
const ROUNDS = 8

let directory: string
let children: Child[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-test-'))
  children = []
})
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill9()))
  await rm(directory, { recursive: true, force: true })
})

describe('the lock of a data directory', () => {
  it('case e5: a live holder is named, also while its event loop is busy; a killed one loses it', async () => {
    const holder = await start()
    expect(await lockIn(holder, directory)).toEqual({ locked: true })
    await expectRefused(holder.pid)
    holder.tell({ busy: true })
    expect(await holder.hear()).toEqual({ busy: true })
    await expectRefused(holder.pid)
    await holder.kill9()
    await (await lockDirectory(directory))()
  })

  it('case e5: a released lock can be taken again, by the same process and by another', async () => {
    for (let n = 0; n < 3; n++) {
      const release = await lockDirectory(directory)
      await expectRefused(process.pid)
      await release()
    }
    expect(await lockIn(await start(), directory)).toEqual({ locked: true })
    expect(await locks(directory)).toHaveLength(1)
  })

  it('case e5: of ten processes at once on the lock of a dead one, exactly one gets it', async () => {
    const dead = await start()
    expect(await lockIn(dead, directory)).toEqual({ locked: true })
    await dead.kill9()
    const [name] = await locks(directory)
    const stale = await readFile(join(directory, name ?? ''), 'utf8')

    const rivals = await Promise.all(Array.from({ length: PROCESSES }, start))
    for (let round = 0; round < ROUNDS; round++) {
      const contested = await mkdtemp(join(directory, 'contested-'))
      await writeFile(join(contested, 'lock.1'), stale)
      const answers = await Promise.all(rivals.map((rival) => lockIn(rival, contested)))
      const winners = rivals.filter((_, n) => JSON.stringify(answers[n]) === '{"locked":true}')
      expect(winners).toHaveLength(1)
      for (const [n, answer] of answers.entries()) {
        if (rivals[n] === winners[0]) continue
        expect(answer).toMatchObject({
          locked: false,
          message: expect.stringMatching(/in use by process \d+/),
        })
      }
      await expect(lockDirectory(contested)).rejects.toThrow(`process ${winners[0]?.pid};`)
    }
  })

  it('case e5: processes that take and release it in a hurry are never inside together', async () => {
    const rivals = await Promise.all(Array.from({ length: 4 }, start))
    for (const rival of rivals) rival.tell({ contend: directory, times: 40 })
    for (const rival of rivals) expect(await rival.hear()).toEqual({ alone: true })
  })

  it('case e5: a holder whose number belongs to another process by now is dead', async () => {
    const holder = { pid: process.pid, started: 'at another time', released: false }
    await writeFile(join(directory, 'lock.7'), JSON.stringify(holder))
    const release = await lockDirectory(directory)
    expect(await locks(directory)).toEqual(['lock.8'])
    await release()
  })

  it('case e5: a lock file that a loss of power left empty or in part does not block the start', async () => {
    for (const left of ['', '{"pid":', '{}']) {
      const [name] = await locks(directory)
      await writeFile(join(directory, name ?? 'lock.1'), left)
      await (await lockDirectory(directory))()
    }
  })
})

async function start(): Promise<Child> {
  const child = startChild('lock-holder')
  children.push(child)
  expect(await child.hear()).toEqual({ ready: true })
  return child
}

function lockIn(child: Child, lock: string): Promise<unknown> {
  child.tell({ lock })
  return child.hear()
}

async function expectRefused(pid: number): Promise<void> {
  const refused = lockDirectory(directory)
  await expect(refused).rejects.toBeInstanceOf(DirectoryLocked)
  await expect(refused).rejects.toThrow(`in use by process ${pid};`)
}

async function locks(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('lock'))
}
