// Handlers that run in this process for functions that Invoke or a state machine's tasks name.

export type FunctionHandler = (event: unknown) => Promise<unknown>;

/** `arn:aws:lambda:…:function:name[:qualifier]`, `account:function:name`, `name[:qualifier]` → `name`. */
function functionNameOf(nameOrArn: string): string {
  const afterMarker = nameOrArn.split("function:").at(-1) ?? nameOrArn;
  return afterMarker.split(":")[0] ?? afterMarker;
}

export class FunctionHandlers {
  readonly #byName = new Map<string, FunctionHandler>();

  register(nameOrArn: string, handler: FunctionHandler): void {
    this.#byName.set(functionNameOf(nameOrArn), handler);
  }

  find(nameOrArn: string): FunctionHandler | undefined {
    return this.#byName.get(functionNameOf(nameOrArn));
  }
}
