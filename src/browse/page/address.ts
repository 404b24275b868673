import type { Query } from './api.ts';

/** What the address of the page holds, so that it can be sent on, and gone back to. */
export interface View {
  query: Query;
  /** The report's columns that are shown; undefined for those that are chosen by themselves. */
  columns: string[] | undefined;
  /** The id of the recording that is open. */
  open: string | undefined;
}

/** The view that an address holds. */
export function readAddress(search: string): View {
  const parameters = new URLSearchParams(search);
  const get = (name: string) => parameters.get(name) ?? '';
  return {
    query: {
      q: get('q'),
      from: get('from'),
      until: get('until'),
      status: get('status'),
      sort: get('sort') || 'date',
      order: get('order') === 'ascending' ? 'ascending' : 'descending',
    },
    columns: parameters.has('columns') ? parameters.getAll('columns').filter(Boolean) : undefined,
    open: parameters.get('id') ?? undefined,
  };
}

/** The address of a view; what is as it is anyway is left out. */
export function addressOf({ query, columns, open }: View): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== '' && value !== DEFAULTS[name]) parameters.set(name, value);
  if (columns !== undefined) for (const column of columns.length === 0 ? [''] : columns) parameters.append('columns', column);
  if (open !== undefined) parameters.set('id', open);
  const search = parameters.toString();
  return search === '' ? './' : `./?${search}`;
}

const DEFAULTS: Readonly<Record<string, string>> = { sort: 'date', order: 'descending' };
