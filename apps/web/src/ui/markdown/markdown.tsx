import type { Nodes } from 'hast'
import { toJsxRuntime } from 'hast-util-to-jsx-runtime'
import type { Definition } from 'mdast'
import { type Handlers, toHast } from 'mdast-util-to-hast'
import { memo, useState } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'
import { type Block, createBlockParser } from './blocks.ts'
import { components } from './components.tsx'

/**
 * Markdown that nobody has to trust: no HTML of it reaches the page, links lead to the web only, and
 * pictures wait for a click. `isLive`: more of the text follows; `text` may then grow with every call.
 */
export const Markdown = memo(function Markdown({ text, isLive = false }: { text: string; isLive?: boolean }) {
  const [parse] = useState(createBlockParser)
  const { blocks, definitions } = parse(text, isLive)
  return (
    <div className="markdown" data-live={isLive || undefined} dir="auto">
      {blocks.map((block) => (
        <BlockView key={block.start} node={block.node} definitions={definitions} />
      ))}
    </div>
  )
})

const BlockView = memo(function BlockView({
  node,
  definitions,
}: {
  node: Block['node']
  definitions: readonly Definition[]
}) {
  const tree: Nodes = toHast({ type: 'root', children: [node, ...definitions] }, { handlers })
  return toJsxRuntime(tree, { Fragment, jsx, jsxs, components, passNode: true })
})

/** What looks like HTML is shown as what it is: text. */
const handlers: Handlers = {
  html: (_state, node: { readonly value: string }) => ({ type: 'text', value: node.value }),
}
