// A Vitest reporter: leaves what `pnpm test` adds up over all packages in test-results/report.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where a package leaves its report, below its own folder. */
export const REPORT_PATH = 'test-results/report.json'

/**
 * @typedef {object} Report
 * @property {number} passed
 * @property {number} failed Failed tests, and failures outside of any test.
 * @property {{ name: string, reason: string }[]} skipped
 */

// biome-ignore lint/style/noDefaultExport: Vitest takes a reporter from the default export.
export default class ReportWriter {
  /** @param {{ config: { root: string, testNamePattern?: RegExp } }} vitest The run that begins. */
  onInit(vitest) {
    this.config = vitest.config
  }

  /** Takes Vitest's test modules, and the errors that belong to none of them. */
  onTestRunEnd(modules, unhandledErrors) {
    const report = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const module of modules) {
      // A file that cannot be loaded, or a hook around a suite that throws, is no test but a failure.
      if (module.errors().length > 0) report.failed += 1
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) report.failed += 1
      for (const test of module.children.allTests()) {
        if (this.wasChosen(test)) count(report, module, test)
      }
    }
    const path = join(this.config.root, REPORT_PATH)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(report))
  }

  /** With `-t`, Vitest calls the other tests skipped, which nobody decided about them. */
  wasChosen(test) {
    return this.config.testNamePattern?.test(test.fullName.replaceAll(' > ', ' ')) ?? true
  }
}

function count(report, module, test) {
  const result = test.result()
  if (result.state === 'passed') report.passed += 1
  else if (result.state === 'failed') report.failed += 1
  else if (result.state === 'skipped') {
    report.skipped.push({
      name: `${module.relativeModuleId} > ${test.fullName}`,
      reason:
        result.note ??
        test.meta().skipReason ??
        (brokenAround(test) ? 'its suite failed' : 'no reason given'),
    })
  } else report.failed += 1
}

function brokenAround(test) {
  for (let suite = test.parent; suite; suite = suite.parent) if (suite.errors().length > 0) return true
  return false
}
