import { parseXml, XmlElement, type XmlNode } from '@rgrove/parse-xml';

/** What an entry of RSS or Atom says, as text; absent where it says nothing. */
export interface FeedItem {
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly published: string | undefined;
  readonly updated: string | undefined;
}

/** Most entries that are read of one feed. */
const ITEMS_MAX = 2_000;
/** Longest text of a part of an entry, characters. */
const TEXT_MAX = 20_000;

/**
 * The entries of a text of RSS 2.0, RSS 1.0 or Atom; undefined for what is none of them. The parser is strict, knows no
 * entities but the five of XML and fetches nothing: declarations of others are passed over, so that nothing can be blown up
 * by them. Whatever it does not survive (nesting without end) is no feed.
 */
export function feedItems(text: string): readonly FeedItem[] | undefined {
  let root: XmlElement | null;
  try {
    // Names such as &nbsp; are of HTML, and stay as they are written.
    root = parseXml(text.trim(), { ignoreUndefinedEntities: true }).root;
    if (root === null) return undefined;
    const found = entriesOf(root);
    return found?.slice(0, ITEMS_MAX).map(itemOf);
  } catch {
    return undefined;
  }
}

function entriesOf(root: XmlElement): readonly XmlElement[] | undefined {
  const name = localName(root);
  if (name === 'feed') return named(root, 'entry');
  if (name === 'rdf') return named(root, 'item');
  if (name !== 'rss') return undefined;
  return named(root, 'channel').flatMap((channel) => named(channel, 'item'));
}

function itemOf(entry: XmlElement): FeedItem {
  const text = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const [element] = named(entry, name);
      const value = element?.text.slice(0, TEXT_MAX).trim();
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
  const link = named(entry, 'link')
    .map((element) => element.attributes['href'] ?? element.text)[0]
    ?.trim();
  return {
    id: text('guid', 'id') ?? (link === '' ? undefined : link),
    title: text('title', 'description', 'summary'),
    published: text('pubdate', 'published', 'issued', 'date'),
    updated: text('updated', 'modified'),
  };
}

const named = (parent: XmlElement, name: string): readonly XmlElement[] =>
  parent.children.filter(isElement).filter((child) => localName(child) === name);

const isElement = (node: XmlNode): node is XmlElement => node instanceof XmlElement;

/** `dc:date` is `date`, `rdf:RDF` is `rdf`. Parts of other vocabularies with the same name come after those of the feed's own. */
function localName({ name }: XmlElement): string {
  return (name.split(':').at(-1) ?? '').toLowerCase();
}
