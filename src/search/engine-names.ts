// The engines that there are, as the setting SEARCH_ENGINE names them. The first is the one that is used where nothing else is set.
export const engineNames = ['grep', 'clickhouse'] as const;

export type EngineName = (typeof engineNames)[number];
