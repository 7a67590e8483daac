import fc from 'fast-check'
import { z } from 'zod'
import { Content, Id, Instant, limits } from '../src/index.ts'

/** Characters that chat products have lost or broken: astral, halves of pairs, NUL, zero-width. */
const awkward = fc.constantFrom(
  '😀',
  '👩‍👩‍👧',
  '\u{10ffff}',
  '\ud83d',
  '\ude00',
  '\0',
  '\u200b',
  '\u202e',
  '\n',
  '"',
  '\\',
)

/** Any text at all, whole or broken. */
export const anyText = fc
  .oneof(
    { weight: 4, arbitrary: fc.array(fc.oneof(awkward, fc.string({ unit: 'binary' })), { maxLength: 12 }) },
    { weight: 1, arbitrary: fc.constantFrom([''], ['__proto__'], ['😀'.repeat(limits.replyCodePoints)]) },
  )
  .map((parts) => parts.join(''))

const ids = fc.oneof(
  fc.uuid(),
  fc.stringMatching(/^[!-~]{1,128}$/),
  fc.constantFrom('__proto__', 'constructor', 'тест-१२३', '😀'.repeat(limits.idLength / 2)),
)

const contents = fc.oneof(
  anyText,
  fc.constantFrom('a', '\ud83d\0\ude00', '\0x\0', 'x'.repeat(limits.contentCodePoints)),
  fc.constantFrom('😀'.repeat(limits.contentCodePoints), '\ud83d'.repeat(limits.contentCodePoints)),
)

const instants = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString())

/** Schemas whose rules cannot be read off them; each value must still pass its schema. */
const written: readonly (readonly [z.core.$ZodType, fc.Arbitrary<unknown>])[] = [
  [Id, ids],
  [Content, contents],
  [Instant, instants],
]

/**
 * Values that `schema` accepts, made from the schema itself, so a new event or field is covered by
 * being in the table. A kind of schema that this protocol did not use before throws.
 */
export function arbitraryOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const known = written.find(([candidate]) => candidate === schema)
  if (known) return known[1].filter((value) => z.safeParse(schema, value).success)
  return derived(schema).map((value) => {
    z.parse(schema, value)
    return value
  })
}

function derived(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) return objectOf(schema.shape)
  if (schema instanceof z.ZodArray) return fc.array(arbitraryOf(schema.element), { maxLength: 3 })
  if (schema instanceof z.ZodOptional) return arbitraryOf(schema.unwrap())
  if (schema instanceof z.ZodNullable) return fc.option(arbitraryOf(schema.unwrap()))
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(arbitraryOf))
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodNumberFormat && schema.isInt) return integerOf(schema)
  if (schema instanceof z.ZodString && schema.format === null) return textOf(schema)
  throw new Error(`no arbitrary for a schema of kind ${schema._zod.def.type}`)
}

function objectOf(shape: Readonly<Record<string, z.core.$ZodType>>): fc.Arbitrary<unknown> {
  const fields = Object.entries(shape)
  const required = fields.filter(([, field]) => !(field instanceof z.ZodOptional)).map(([name]) => name)
  const values = Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field)]))
  return fc.record(values, { requiredKeys: required, noNullPrototype: true })
}

function integerOf(schema: z.ZodNumberFormat): fc.Arbitrary<number> {
  const min = schema.minValue ?? Number.MIN_SAFE_INTEGER
  const max = schema.maxValue ?? Number.MAX_SAFE_INTEGER
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max))
}

function textOf(schema: z.ZodString): fc.Arbitrary<string> {
  const max = schema.maxLength ?? Number.POSITIVE_INFINITY
  const min = schema.minLength ?? 0
  return fc
    .oneof(
      anyText.map((text) => text.slice(0, max)),
      fc.constant('x'.repeat(Math.min(max, 2_000))),
    )
    .filter((text) => text.length >= min)
}
