import { describe, expect, it } from 'vitest'
import { builtInPersonas } from '../../src/personas/index.ts'
import { svgElements } from './svg-elements.ts'

const shapes = new Set(['svg', 'path', 'circle', 'ellipse', 'rect'])

describe('the reader of pictures', () => {
  it.each([
    '<svg><path></svg>',
    '<svg/><svg/>',
    '<svg>text</svg>',
    '<svg><a xlink:href="//host"/></svg>',
    '<svg><rect width="1" width="2"/></svg>',
    '<svg><rect width=1/></svg>',
    '<!DOCTYPE svg><svg/>',
  ])('refuses %s', (svg) => {
    expect(() => svgElements(svg)).toThrow()
  })

  it('reads nested elements and their attributes', () => {
    expect(
      svgElements('<svg viewBox="0 0 1 1"><g><rect width="1"/></g></svg>').map((one) => one.name),
    ).toEqual(['svg', 'g', 'rect'])
  })
})

describe.each(builtInPersonas)('picture of $name', ({ picture }) => {
  const elements = svgElements(picture)

  it('case c4: is made of shapes only, so that nothing in it runs', () => {
    expect(elements.map((element) => element.name).filter((name) => !shapes.has(name))).toEqual([])
  })

  it('case c5: asks nobody for anything: no handlers, no styles, no references', () => {
    for (const { attributes } of elements) {
      for (const [name, value] of attributes) {
        expect(name).not.toMatch(/^on|href|src|^style$/i)
        if (name !== 'xmlns') expect(value).not.toMatch(/url\(|:|\/\//i)
      }
    }
  })

  it('fills a square of 160 units and leaves its size to the page', () => {
    const [root, ground] = elements
    expect(root?.name).toBe('svg')
    expect(Object.fromEntries(root?.attributes ?? [])).toEqual({
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: '0 0 160 160',
    })
    expect(ground?.name).toBe('rect')
    expect(Object.fromEntries(ground?.attributes ?? [])).toMatchObject({ width: '160', height: '160' })
  })
})

describe('the gallery', () => {
  it('gives every persona a ground of its own', () => {
    const grounds = builtInPersonas.map(({ picture }) => svgElements(picture)[1]?.attributes.get('fill'))
    expect(new Set(grounds).size).toBe(builtInPersonas.length)
  })
})
