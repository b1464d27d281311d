/** Returns the first element that matches. Throws if there is none. */
export function find<Type extends HTMLElement>(parent: ParentNode, selector: string): Type {
  const element = parent.querySelector<Type>(selector);
  if (element === null) throw new Error(`The page has no ${selector}`);
  return element;
}
