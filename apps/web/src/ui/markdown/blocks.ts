import type { Definition, Nodes, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import remend from 'remend'
import { hideTableHead, hideUnfinished } from './unfinished.ts'

/** One part of a text at its top level: a paragraph, a list, a block of code. */
export interface Block {
  /** Where its first line begins in the text, in UTF-16 code units; names the block. */
  readonly start: number
  readonly node: RootContent
}

/** A text in parts. A block that later text cannot change stays the same object. */
export interface Blocks {
  readonly blocks: readonly Block[]
  /** Addresses that `[text][name]` links refer to. */
  readonly definitions: readonly Definition[]
}

/**
 * Makes a function that parses a text which grows. Only what follows the last settled block is parsed
 * again, so a long reply costs no more per piece than a short one. While `isLive`, markup whose end is
 * not written yet is shown as if it were.
 */
export function createBlockParser(): (text: string, isLive: boolean) => Blocks {
  let before = ''
  let blocks: readonly Block[] = []
  let definitions: readonly Definition[] = []
  const take = (text: string) => {
    // Comparing whole strings is many times faster than `startsWith`.
    const continues = blocks.length > 0 && text.slice(0, before.length) === before
    if (continues && text.length === before.length) return
    const settled = continues ? blocks.length - 1 : 0
    const next = continues ? parseFrom(text, blocks) : split(text, 0)
    // Only the last block and what follows it can have changed; the others are not looked at again.
    const changed = [...blocks.slice(settled), ...next.slice(settled)]
    if (!continues || changed.some(({ node }) => isDefinition(node))) {
      definitions = next.map(({ node }) => node).filter(isDefinition)
    }
    blocks = next
    before = text
  }
  return (text, isLive) => {
    take(text)
    return { blocks: isLive ? withLastCompleted(text, blocks) : blocks, definitions }
  }
}

/** The words of a Markdown text without its markup. */
export function plainText(markdown: string): string {
  return parse(markdown).map(wordsOf).join('\n')
}

function isDefinition(node: RootContent): node is Definition {
  return node.type === 'definition'
}

function parseFrom(text: string, blocks: readonly Block[]): readonly Block[] {
  const last = blocks.at(-1)
  if (!last) return split(text, 0)
  return [...blocks.slice(0, -1), ...split(text, last.start)]
}

/** Blocks from `offset` on, which is the start of a line. */
function split(text: string, offset: number): Block[] {
  return parse(text.slice(offset)).map((node) => {
    const at = offset + (node.position?.start.offset ?? 0)
    // The indentation of a first line decides how the following ones are read.
    return { start: text.lastIndexOf('\n', at - 1) + 1, node }
  })
}

function withLastCompleted(text: string, blocks: readonly Block[]): readonly Block[] {
  const last = blocks.at(-1)
  if (!last) return blocks
  const raw = text.slice(last.start)
  const shown = completed(raw, last.node.type)
  if (shown === raw) return blocks
  const nodes = parse(shown)
  return [...blocks.slice(0, -1), ...nodes.map((node, index) => ({ start: last.start + index, node }))]
}

function completed(raw: string, type: RootContent['type']): string {
  const sure = hideUnfinished(type === 'paragraph' ? hideTableHead(raw) : raw)
  return type === 'code' ? sure : remend(sure)
}

function parse(markdown: string): RootContent[] {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children
}

function wordsOf(node: Nodes): string {
  if ('value' in node) return node.value
  if (node.type === 'image') return node.alt ?? ''
  if (node.type === 'break') return '\n'
  if (!('children' in node)) return ''
  const between = node.children.some((child) => child.type === 'paragraph' || child.type === 'listItem')
  return node.children.map(wordsOf).join(between ? '\n' : '')
}
