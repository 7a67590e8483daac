/** The environment of the test run, read in this one place. */
export const environment: Readonly<Record<string, string | undefined>> = process.env
