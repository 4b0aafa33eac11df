/** What a person has to know of a variable that opens something: so that a mistake is seen before it is sent anywhere. */
export interface KeyFacts {
  readonly name: string;
  /** What the whole value looks like. A value that does not is told, never refused: vendors change their keys. */
  readonly shape: RegExp;
  /** The same in words. */
  readonly looks: string;
  /** What the value itself says of what it opens, such as `paper`; undefined where it says nothing. */
  readonly opens?: (value: string) => string | undefined;
}
