/**
 * The part of the WebAssembly JavaScript API that Corral uses. TypeScript declares it only in its
 * DOM library, which we do not want in a Node program.
 * Source: WebAssembly JavaScript interface 2.0.
 */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;

  function validate(bytes: NodeJS.ArrayBufferView | ArrayBuffer): boolean;

  class Module {
    constructor(bytes: NodeJS.ArrayBufferView | ArrayBuffer);
    static exports(module: Module): { name: string; kind: string }[];
    static imports(module: Module): { module: string; name: string; kind: string }[];
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Record<string, unknown>;
  }

  class Memory {
    constructor(options: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    /** @returns the size before, in pages */
    grow(pages: number): number;
  }

  class Table {
    constructor(options: { element: 'anyfunc' | 'externref'; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value: unknown): void;
    /** @returns the length before */
    grow(entries: number): number;
  }

  class Global<Type extends 'i32' | 'i64' | 'f32' | 'f64' = 'i32'> {
    constructor(options: { value: Type; mutable?: boolean }, value?: unknown);
    value: Type extends 'i64' ? bigint : number;
  }

  /** A trap. */
  class RuntimeError extends Error {}

  class CompileError extends Error {}

  class LinkError extends Error {}
}
