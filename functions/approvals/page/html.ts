// HTML from templates in which whatever is put in comes out as text: names, reasons and facts are somebody else's.

class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Made by `html` and `trusted` alone. */
export type Html = Markup;

export type Piece = Html | string | number | readonly (Html | string)[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control and format characters (bidi, zero-width), surrogates, private use: they show something else than is there. */
const INVISIBLE = /[^\P{C}\r\n\t]/gu;

const escapeText = (text: string): string =>
  text.replace(INVISIBLE, "\uFFFD").replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

function render(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  return typeof piece === "object" ? piece.map(render).join("") : escapeText(String(piece));
}

/** Every piece is escaped that is not HTML already. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const rendered = pieces.map(render);
  return new Markup(strings.map((text, index) => text + (rendered[index] ?? "")).join(""));
}

/** For constants of this program that no escaping may touch. */
export const trusted = (text: string): Html => new Markup(text);

export const NOTHING: Html = trusted("");

/** One piece of HTML for each item, with nothing between. */
export const each = <Item>(items: readonly Item[], show: (item: Item) => Html): Html =>
  html`${items.map(show)}`;
