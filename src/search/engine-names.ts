/** The values of the setting SEARCH_ENGINE. The first is the default. */
export const engineNames = ['grep', 'clickhouse'] as const;

export type EngineName = (typeof engineNames)[number];
