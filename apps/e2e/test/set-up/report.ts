import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Reporter, Suite, TestCase } from '@playwright/test/reporter'
import { REPORT_PATH } from '../../../../scripts/test/report.mjs'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

/** Leaves what `pnpm test` adds up over all packages. */
// biome-ignore lint/style/noDefaultExport: Playwright takes a reporter from the default export.
export default class ReportWriter implements Reporter {
  #suite: Suite | undefined
  #errors = 0

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite
  }

  /** Told of failures outside of any test, such as a file that does not load. */
  onError(): void {
    this.#errors += 1
  }

  onEnd(): void {
    const tests = this.#suite?.allTests() ?? []
    const skipped = tests.filter((test) => test.outcome() === 'skipped')
    const report = {
      passed: tests.filter((test) => test.outcome() === 'expected').length,
      failed: this.#errors + tests.filter(isBad).length,
      skipped: skipped.map((test) => ({ name: nameOf(test), reason: reasonOf(test) })),
    }
    const path = join(PACKAGE, REPORT_PATH)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(report))
  }

  printsToStdio(): boolean {
    return false
  }
}

function isBad(test: TestCase): boolean {
  return test.outcome() === 'unexpected' || test.outcome() === 'flaky'
}

function nameOf(test: TestCase): string {
  const [, , ...titles] = test.titlePath()
  return titles.join(' > ')
}

function reasonOf(test: TestCase): string {
  const said = test.results.flatMap(({ annotations }) => annotations).concat(test.annotations)
  const skip = said.find(({ type }) => type === 'skip' || type === 'fixme')
  return skip?.description ?? (test.results.length === 0 ? 'it was not reached' : 'no reason given')
}
