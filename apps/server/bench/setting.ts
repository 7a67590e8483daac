import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Log } from '../src/chat/ports.ts'

/** Folder of the schema and the migrations. */
export const PRISMA_DIR = fileURLToPath(new URL('../../../prisma', import.meta.url))

/** A log that says nothing but what broke. */
export const benchLog: Log = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
}

/** A program of this package in a process of its own. */
export interface Program {
  /** The line that it said when it was ready. */
  readonly line: string
  stop(): Promise<void>
}

/** Starts a TypeScript file and waits for a line of its output that fits. */
export async function startProgram(
  file: string,
  fits: RegExp,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await firstLine(child, fits)
  return {
    line,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

function firstLine(child: ChildProcess, fits: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a program of the bench ended with ${code}`)))
    if (!child.stdout) return
    createInterface(child.stdout).on('line', (line) => {
      if (fits.test(line)) resolve(line)
    })
  })
}

/** Value at a share of a list of numbers, from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
