import type { JsonSchema } from './schemas.ts'

/**
 * Writes a JSON Schema in the notation of TypeScript's types. An object that has all fields of a
 * named one is written as that one and what it adds.
 */
export function typeNotation(
  schemas: Readonly<Record<string, JsonSchema>>,
  names: readonly string[],
): (schema: JsonSchema) => string {
  const bases = names
    .map((name) => ({ name, fields: fieldsOf(schemas[name] ?? {}) }))
    .filter(({ fields }) => fields.size > 1)
    .sort((one, other) => other.fields.size - one.fields.size)

  const objectText = (schema: JsonSchema) => {
    const fields = fieldsOf(schema)
    const base = bases.find((candidate) => extendsBase(fields, candidate.fields))
    const own = [...fields].filter(([name]) => !base?.fields.has(name)).map(([, text]) => text)
    const rest = own.length === 0 ? '{}' : `{ ${own.join(', ')} }`
    return base ? `${base.name} & ${rest}` : rest
  }
  return (schema) => typeText(schema, objectText)
}

/** Whether an object has every field of a smaller one, of the same type. */
function extendsBase(fields: ReadonlyMap<string, string>, base: ReadonlyMap<string, string>): boolean {
  return base.size < fields.size && [...base].every(([name, text]) => fields.get(name) === text)
}

/** Each field of an object as `name: type`. */
function fieldsOf({ properties = {}, required = [] }: JsonSchema): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(properties).map(([name, field]) => [
      name,
      `${name}${required.includes(name) ? '' : '?'}: ${typeText(field, plainObject)}`,
    ]),
  )
}

function plainObject(schema: JsonSchema): string {
  return `{ ${[...fieldsOf(schema).values()].join(', ')} }`
}

function typeText(schema: JsonSchema | boolean, objectText: (schema: JsonSchema) => string): string {
  const text = (inner: JsonSchema | boolean) => typeText(inner, objectText)
  if (typeof schema === 'boolean') return 'unknown'
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.allOf) return schema.allOf.map(text).join(' & ')
  const options = schema.anyOf ?? schema.oneOf
  if (options) return options.map(text).join(' | ')
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (Array.isArray(schema.type)) return schema.type.join(' | ')
  if (schema.type === 'array') return arrayText(schema, text)
  if (schema.type === 'object') return objectText(schema)
  return schema.type ?? 'unknown'
}

function arrayText({ items }: JsonSchema, text: (inner: JsonSchema | boolean) => string): string {
  return items === undefined || Array.isArray(items) ? 'unknown[]' : `${text(items)}[]`
}
