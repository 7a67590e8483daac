/** The part of WebAssembly that the migrator uses; TypeScript has it only in the library of browsers. */
declare namespace WebAssembly {
  interface Module {
    readonly exports: unknown
  }
  interface Instance {
    readonly exports: Record<string, unknown>
  }
  function compile(bytes: Uint8Array): Promise<Module>
  function instantiate(module: Module, imports: Record<string, object>): Promise<Instance>
}
