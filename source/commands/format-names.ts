/** What `--format` may be, by command; the first is the one without it. */
export const batchFormats = ['text', 'csv', 'ndjson'] as const;
export const snapshotFormats = ['json', 'md', 'table', 'openmetrics'] as const;
export const diffFormats = ['text', 'json', 'md'] as const;
export const reportFormats = ['md', 'html'] as const;
export const lookFormats = ['text', 'json'] as const;

export type BatchFormat = (typeof batchFormats)[number];
export type SnapshotFormat = (typeof snapshotFormats)[number];
export type DiffFormat = (typeof diffFormats)[number];
export type ReportFormat = (typeof reportFormats)[number];
export type LookFormat = (typeof lookFormats)[number];
