/** What `@sindresorhus/is`, got's type checks, uses of Node's list formatter. */
class LateListFormat {
  readonly #given: ConstructorParameters<typeof Intl.ListFormat>;

  constructor(...given: ConstructorParameters<typeof Intl.ListFormat>) {
    this.#given = given;
  }

  format(list: Iterable<string>): string {
    return new Intl.ListFormat(...this.#given).format(list);
  }
}

/**
 * Loads got. The type checks that come with it make two list formatters for the wording of errors, and the language data behind them took
 * 14 of the 100 ms that `link` takes on Node 20. While got is loading it gets formatters that are made when an error is worded.
 */
export async function loadGot(): Promise<typeof import('got')['got']> {
  const { ListFormat } = Intl;
  Object.assign(Intl, { ListFormat: LateListFormat });
  try {
    return (await import('got')).got;
  } finally {
    Object.assign(Intl, { ListFormat });
  }
}
