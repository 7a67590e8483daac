export interface Process {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: string
  readonly started: string
}

export function processes(): Map<number, Process>
export function launchers(): number[]
export function standsUnder(chain: readonly number[]): boolean
export function ignoresHangup(): boolean
