import type { ArchiveHome } from '../archive/archive.ts';
import type { BadRows } from '../archive/bad-rows.ts';
import type { BucketFlags } from '../archive/bucket/options.ts';
import type { Naming } from '../archive/name-template.ts';
import type { BatchOptions } from '../batch/run.ts';
import type { PreparedList } from '../list/prepared-list.ts';
import type { OutputOptions, ServiceOptions } from './service-options.ts';

/** What `batch` was asked for. */
export interface BatchCommandOptions extends ServiceOptions, OutputOptions, BucketFlags {
  /** A file, or `-` for standard input. */
  source: string;
  dir: string;
  concurrency: number;
  /** At most so many requests a second to the service. */
  rate?: number;
  column?: string;
  /** The workbook's sheet. */
  sheet?: string;
  /** Go on without rows that cannot be read. */
  skipBadRows: boolean;
  /** The file name from the id and the report's columns. */
  name?: string;
  /** The report's column that says when the call was. */
  dateColumn?: string;
  /** Which rows are wanted: by the call's date, and by patterns for columns; rows without a date too. */
  since?: string;
  until?: string;
  where?: readonly string[];
  undated: boolean;
  /** The zone of dates that name none. */
  timeZone: string;
  order: 'oldest' | 'report';
  shard?: string;
  limit?: number;
  dryRun: boolean;
  checksum: boolean;
  /** For how many days an id that the service calls invalid is asked for again. */
  recheckDays: number;
  retryGone: boolean;
  /** In minutes; the service's own default where left out. */
  validityMinutes?: number;
}

/** A batch, ready to be worked through. */
export interface PreparedBatch {
  home: ArchiveHome;
  list: PreparedList;
  naming: Naming;
  work: BatchOptions;
  options: BatchCommandOptions;
  /** The rows that could not be read, with `--skip-bad-rows`. */
  badRows: BadRows | undefined;
}
