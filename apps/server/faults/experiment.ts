import { check, type Evidence, type Verdict } from './parts/checker.ts'
import { Stage } from './parts/stage.ts'

/** How much an experiment does: all of it, or the short form that is part of `pnpm test`. */
export type Size = 'full' | 'short'

/** What an experiment found. */
export interface Finding {
  /** What was done and how much of it. */
  readonly done: string
  readonly verdict: Verdict
  /** Promises beside the counts that were not kept, in words. */
  readonly broken: readonly string[]
  /** Figures, for the reader. */
  readonly measured?: string
}

/** One fault, injected into real servers with real clients. */
export interface Experiment {
  readonly number: number
  /** For a run that has to fail, or else the checker proves nothing. */
  readonly control?: boolean
  readonly title: string
  /** What it proves: rules of docs/protocol.md, as `[M2]`, or a reported case. */
  readonly rules: string
  run(stage: Stage, size: Size): Promise<Finding>
}

/** Runs one experiment and ends everything that it started. */
export async function perform(experiment: Experiment, size: Size): Promise<Finding> {
  const stage = new Stage()
  try {
    return await experiment.run(stage, size)
  } finally {
    await stage.end()
  }
}

/** Whether nothing at all went wrong. */
export function isClean({ verdict, broken }: Finding): boolean {
  const { lost, doubled, disordered, unfinished, mixed } = verdict
  return lost + doubled + disordered + unfinished + mixed === 0 && broken.length === 0
}

/** One line of an experiment, and one for each thing that went wrong. */
export function describe(
  { number, control, title, rules }: Experiment,
  finding: Finding,
  seconds: number,
): string {
  const { done, verdict, broken, measured } = finding
  const { lost, doubled, disordered, unfinished, mixed, examples } = verdict
  const name = `${`${number}`.padStart(2)}${control ? ' (control, must fail)' : ''} ${title} ${rules}`
  const counts = `${lost} lost, ${doubled} doubled, ${disordered} out of order`
  const others = unfinished + mixed > 0 ? `, ${unfinished} unfinished, ${mixed} mixed` : ''
  const mark = isClean(finding) !== (control ?? false) ? 'ok    ' : 'FAILED'
  const figures = measured ? ` [${measured}]` : ''
  const line = `${mark} ${name}: ${done}: ${counts}${others}${figures} (${seconds.toFixed(0)} s)`
  const faults = control ? [] : [...broken, ...examples]
  return [line, ...faults.map((fault) => `         ${fault}`)].join('\n')
}

/** A finding of what the checker says. */
export function finding(
  done: string,
  evidence: Evidence,
  broken: readonly (string | null)[] = [],
  measured?: string,
): Finding {
  const kept = broken.filter((promise) => promise !== null)
  return { done, verdict: check(evidence), broken: kept, ...(measured ? { measured } : {}) }
}
