/** The smallest of the values that a share (0 to 1) of them does not exceed; 0 without any. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** Milliseconds as seconds, for a line of figures. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
