import OpenAI from 'openai'

/** The address that the SDK speaks to when none is configured. */
const OPENAI_BASE_URL = 'https://api.openai.com/v1'

/** Where an OpenAI-compatible server is and how to get in. */
export interface Endpoint {
  /** Null for servers that ask for none, as Ollama. No `Authorization` header is sent then. */
  readonly apiKey: string | null
  /** Null for OpenAI's own. */
  readonly baseUrl: string | null
}

/**
 * The SDK without what it does by itself: it neither retries nor logs (it would print a chunk that
 * it cannot parse), and it takes nothing of the environment.
 */
export function createOpenAiClient(endpoint: Endpoint): OpenAI {
  return new OpenAI({
    // The constructor insists on a key; without one the header that would carry it is removed.
    apiKey: endpoint.apiKey ?? 'none',
    ...(endpoint.apiKey === null && { defaultHeaders: { Authorization: null } }),
    baseURL: endpoint.baseUrl ?? OPENAI_BASE_URL,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logLevel: 'off',
    logger: { error: ignore, warn: ignore, info: ignore, debug: ignore },
    fetch: fetchWithReadableErrors,
  })
}

/** Host of an endpoint, for a person to read; never holds the credentials of an address. */
export function endpointHost(baseUrl: string | null): string {
  return new URL(baseUrl ?? OPENAI_BASE_URL).host
}

/** Whether this is OpenAI itself and not a server that speaks like it. */
export function isOpenAi(baseUrl: string | null): boolean {
  return new URL(baseUrl ?? OPENAI_BASE_URL).hostname === 'api.openai.com'
}

function ignore(): void {}

/**
 * The SDK reads an error only from `{error: …}`. FastAPI servers and older vLLM name a parameter
 * that they refuse in `{detail: …}` or `{message: …}`, which would be lost.
 */
async function fetchWithReadableErrors(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  if (response.status !== 400 && response.status !== 422) return response
  const text = await response.text()
  const { status, headers } = response
  return new Response(hasError(text) ? text : JSON.stringify({ error: { message: text } }), {
    status,
    headers,
  })
}

function hasError(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'error' in body
  } catch {
    return false
  }
}
