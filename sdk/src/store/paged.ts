/** A resource that comes by pages. */

import type { Context } from "./context.ts";
import type { Reduce } from "./once.ts";
import { Resource } from "./resource.ts";
import type { PagedStore } from "./types.ts";

/** So many pages are loaded without being asked for. */
const PAGES = 3;

export interface PagedOptions<T> {
  readonly reduce: Reduce<readonly T[]>;
  readonly scope: string;
  readonly mayLoad: () => boolean;
  readonly page: (page?: string) => Promise<{ rows: readonly T[]; next?: string | undefined }>;
}

export class Paged<T extends { id: string }> implements PagedStore<T> {
  readonly resource: Resource<readonly T[]>;
  readonly #options: PagedOptions<T>;
  #next: string | undefined;

  constructor(context: Context, options: PagedOptions<T>) {
    this.#options = options;
    const { reduce, scope, mayLoad } = options;
    this.resource = new Resource<readonly T[]>(context, {
      initial: [],
      reduce,
      scope,
      mayLoad,
      load: async () => {
        let rows = await this.#more([]);
        for (let pages = 1; pages < PAGES && this.#next !== undefined; pages += 1) rows = await this.#more(rows);
        return rows;
      },
    });
  }

  readonly get = (): readonly T[] => this.resource.get();
  readonly subscribe = (listener: () => void): (() => void) => this.resource.subscribe(listener);

  readonly loadMore = async (): Promise<boolean> => {
    if (!this.resource.isLoaded || this.#next === undefined) return false;
    const more = await this.#more([], this.#next);
    this.resource.change((rows) => withoutTwins([...rows, ...more]));
    return this.#next !== undefined;
  };

  async #more(rows: readonly T[], page = rows.length > 0 ? this.#next : undefined): Promise<readonly T[]> {
    const answer = await this.#options.page(page);
    this.#next = answer.next;
    return withoutTwins([...rows, ...answer.rows]);
  }
}

/** Rows may move between two pages: the first copy stays. */
function withoutTwins<T extends { id: string }>(rows: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}
