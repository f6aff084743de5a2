// Reading the tokens of one command from left to right.
import { QuerySyntaxError, type Token } from "./lexer.ts";

export class Cursor {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#position];
  }

  /** @throws QuerySyntaxError at the end of the command. */
  next(expected: string): Token {
    const token = this.peek();
    if (token === undefined) {
      throw new QuerySyntaxError(`expected ${expected}, got the end of the command`);
    }
    this.#position++;
    return token;
  }

  /** Takes the next token if it is this symbol or keyword (in any case). */
  take(...values: readonly string[]): string | undefined {
    const token = this.peek();
    const value = token?.value.toLowerCase();
    if (token === undefined || value === undefined || !["name", "symbol"].includes(token.kind)) {
      return undefined;
    }
    if (!values.includes(value)) {
      return undefined;
    }
    this.#position++;
    return value;
  }

  expect(value: string): void {
    if (this.take(value) === undefined) {
      throw this.unexpected(`'${value}'`);
    }
  }

  /** The value of the next token, which must be of this kind. */
  nextOf(kind: Token["kind"], expected: string): string {
    if (this.peek()?.kind !== kind) {
      throw this.unexpected(expected);
    }
    return this.next(expected).value;
  }

  list<Item>(readItem: () => Item): Item[] {
    const items = [readItem()];
    while (this.take(",") !== undefined) {
      items.push(readItem());
    }
    return items;
  }

  end(): void {
    if (this.peek() !== undefined) {
      throw this.unexpected("the end of the command");
    }
  }

  unexpected(expected: string): QuerySyntaxError {
    const got = this.peek()?.value;
    return new QuerySyntaxError(
      `expected ${expected}, got ${got === undefined ? "the end of the command" : `'${got}'`}`,
    );
  }
}
