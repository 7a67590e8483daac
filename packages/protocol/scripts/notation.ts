import type { JsonSchema } from './schemas.ts'

const LINE_WIDTH = 110

/** Writes types of the contract as TypeScript does, in the layout that the formatter leaves alone. */
export interface Notation {
  /** A type in one line. */
  inline(schema: JsonSchema): string
  /** `type NAME = …`, an object with one field a line. */
  declaration(name: string): string
}

/**
 * The notation of `schemas`. An object that extends one of `names` is written as that one and what it
 * adds.
 */
export function typeNotation(
  schemas: Readonly<Record<string, JsonSchema>>,
  names: readonly string[],
): Notation {
  const bases = names
    .map((name) => ({ name, fields: fieldsOf(schemas[name] ?? {}, flat) }))
    .filter(({ fields }) => fields.length > 1)
    .sort((one, other) => other.fields.length - one.fields.length)

  const object = (schema: JsonSchema, layout: (fields: readonly string[]) => string) => {
    const fields = fieldsOf(schema, flat)
    const base = bases.find(({ fields: first }) => first.length < fields.length && startsWith(fields, first))
    return base ? `${base.name} & ${layout(fields.slice(base.fields.length))}` : layout(fields)
  }
  const inline = (schema: JsonSchema) => typeText(schema, (inner) => object(inner, oneLine))
  return {
    inline,
    declaration(name) {
      const schema = schemas[name] ?? {}
      if (schema.type === 'object') return `type ${name} = ${object(schema, linePerField)}`
      const line = `type ${name} = ${inline(schema)}`
      return line.length <= LINE_WIDTH
        ? line
        : `type ${name} =\n  | ${inline(schema).replaceAll(' | ', '\n  | ')}`
    },
  }
}

const oneLine = (fields: readonly string[]) => (fields.length === 0 ? '{}' : `{ ${fields.join('; ')} }`)
const linePerField = (fields: readonly string[]) => `{\n${fields.map((field) => `  ${field}`).join('\n')}\n}`
const flat = (schema: JsonSchema): string => oneLine(fieldsOf(schema, flat))

function startsWith(fields: readonly string[], first: readonly string[]): boolean {
  return first.every((field, at) => fields[at] === field)
}

/** Each field of an object as `name: type`. */
function fieldsOf(
  { properties = {}, required = [] }: JsonSchema,
  object: (schema: JsonSchema) => string,
): string[] {
  return Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${typeText(field, object)}`,
  )
}

function typeText(schema: JsonSchema | boolean, object: (schema: JsonSchema) => string): string {
  const text = (inner: JsonSchema | boolean) => typeText(inner, object)
  if (typeof schema === 'boolean') return 'unknown'
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.allOf) return schema.allOf.map(text).join(' & ')
  const options = schema.anyOf ?? schema.oneOf
  if (options) return options.map(text).join(' | ')
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  if (schema.const !== undefined) return literal(schema.const)
  if (Array.isArray(schema.type)) return schema.type.join(' | ')
  if (schema.type === 'array') return arrayText(schema, text)
  if (schema.type === 'object') return object(schema)
  return schema.type ?? 'unknown'
}

const literal = (value: unknown) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))

function arrayText({ items }: JsonSchema, text: (inner: JsonSchema | boolean) => string): string {
  return items === undefined || Array.isArray(items) ? 'unknown[]' : `${text(items)}[]`
}
