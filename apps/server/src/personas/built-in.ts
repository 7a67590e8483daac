import type { DemoScript } from '../chat/ports.ts'

/** A persona that comes with Parley. Everything but `id` makes a version of it. */
export interface BuiltInPersona {
  /** Slug; stays the same for ever, sessions refer to it. */
  readonly id: string
  readonly name: string
  /** One line for the gallery. */
  readonly pitch: string
  /** First message of a new session, Markdown. */
  readonly greeting: string
  /** System prompt; `{{char}}` and `{{user}}` stand for the names of the two who talk. */
  readonly instructions: string
  /** A self-contained SVG image of 160 × 160 units that fills its square, made to be cropped round. */
  readonly picture: string
  /** What it says while no model is connected. */
  readonly script: DemoScript
}
