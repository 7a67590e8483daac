import { readFile } from 'node:fs/promises'

/** How often a process is looked at, in milliseconds. */
const LOOK_MS = 50

/** Watches how much memory a process has. Returns a function that ends it and gives the most, in bytes. */
export function watchMemory(pid: number): () => number {
  let most = 0
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => {
      most = Math.max(most, bytes)
    })
  }, LOOK_MS)
  return () => {
    clearInterval(timer)
    return most
  }
}

/** Memory that a process has of the machine's; 0 where the system does not tell. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}
