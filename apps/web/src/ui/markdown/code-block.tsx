import { toJsxRuntime } from 'hast-util-to-jsx-runtime'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'
import { CopyButton } from '../copy-button.tsx'
import { useHighlighted } from './use-highlighted.ts'

/** A block of code with its language and a button that copies it exactly. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const tree = useHighlighted(code, language)
  return (
    <figure className="code-frame overflow-hidden rounded-2xl border border-line bg-card">
      <figcaption className="flex h-9 items-center justify-between border-line border-b pr-1 pl-4">
        <span className="font-mono text-soft text-xs">{language || 'text'}</span>
        <CopyButton text={code} label="Copy code" />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre className="overflow-x-auto px-4 py-3.5" tabIndex={0} dir="ltr">
        <code>{tree ? toJsxRuntime(tree, { Fragment, jsx, jsxs }) : code}</code>
      </pre>
    </figure>
  )
}
