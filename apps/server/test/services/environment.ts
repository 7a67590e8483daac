/** The environment of the test run, read in this one place. */
// biome-ignore lint/style/noProcessEnv: the services of the tests are chosen by it.
export const environment: Readonly<Record<string, string | undefined>> = process.env
