import type { Element } from 'hast'
import type { Components } from 'hast-util-to-jsx-runtime'
import { Square, SquareCheck } from 'lucide-react'
import { imageAddress, linkAddress } from './address.ts'
import { CodeBlock } from './code-block.tsx'
import { RemoteImage } from './remote-image.tsx'

/** How the parts of a text are drawn. Headings begin below those of the page. */
export const components: Partial<Components> = {
  h1: 'h3',
  h2: 'h4',
  h3: 'h5',
  h4: 'h6',
  h5: 'h6',
  a: ({ href, children }) => {
    const address = linkAddress(href ?? '')
    if (address === null) return <span>{children}</span>
    return (
      <a href={address} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    )
  },
  img: ({ src, alt }) => {
    const address = imageAddress(typeof src === 'string' ? src : '')
    return address === null ? <span>{alt}</span> : <RemoteImage address={address} alt={alt ?? ''} />
  },
  input: ({ checked }) => {
    const Icon = checked ? SquareCheck : Square
    return (
      <Icon
        role="img"
        aria-label={checked ? 'done' : 'open'}
        className="mr-1 inline size-4.5 align-[-0.2em] text-accent"
      />
    )
  },
  pre: ({ node }) => <CodeBlock {...codeOf(node)} />,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className="table-frame" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </section>
  ),
}

function codeOf(pre: Element | undefined): { code: string; language: string } {
  const element = pre?.children[0]
  if (element?.type !== 'element') return { code: '', language: '' }
  const text = element.children[0]
  const names = element.properties.className
  const name = Array.isArray(names) ? names.find((entry) => String(entry).startsWith('language-')) : undefined
  return {
    // The tree ends every block of code with a line break that its writer did not write.
    code: text?.type === 'text' ? text.value.replace(/\n$/, '') : '',
    language: name === undefined ? '' : String(name).slice('language-'.length),
  }
}
