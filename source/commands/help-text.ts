/** What `ctop --help` prints. */
export const help = `
ctop: top for thread contention: who switches, what they wait for, why, and the fix

Usage
  ctop [options]                  live screen
  ctop -b [-n N]                  text frames, for pipes and cron
  ctop snapshot [-o FILE|-]       watch for a while, then one Snapshot as JSON
  ctop record [-o FILE]           one compact record a tick, until --for is over or a signal ends it
  ctop replay FILE                open a saved Snapshot or a recording in the live screen
  ctop diff BEFORE AFTER          what changed between two of them: findings, services, factors
  ctop report FILE                one for a ticket: Markdown of at most 4 kB, or HTML
  ctop preflight                  disks, inodes, sockets, memory, load and limits in one look
  ctop schema                     JSON Schema of a Snapshot
  ctop explain [RULE]             what a finding means, how ctop knows, how to fix it

Options
  -d, --delay SECONDS|500ms       time between two samples (1)
  -p, --pid PID[,PID]             these processes and their descendants
  -u, --user NAME|UID             processes of one user
  -F, --filter EXPRESSION         word, !word, /regex/, user:, pid:, state:D, wchan:futex, csw>1000
  -s, --sort COLUMN               switches, voluntary, involuntary, run-queue-wait, cpu, pid
  -b, --batch                     text frames instead of the screen
  -n, --iterations N              stop after N frames
      --for DURATION              how long snapshot (5s), preflight (2s) and record (no end) watch
  -o, --output FILE|-             where snapshot, record, report and preflight write; never over another file
      --format FORMAT             -b: text, csv, ndjson       snapshot: json, md, table, openmetrics
                                  diff: text, json, md        report: md, html       preflight: text, json
      --redact                    snapshot, record, report: tokens for arguments, paths, users and hosts
      --note TEXT                 what snapshot shall say about itself
      --max-size SIZE             most that record keeps on disk (64M), the newest of it
      --on SEVERITY               record keeps ten minutes in memory and writes when a finding is as severe
      --fail-on SEVERITY          exit 3 when a finding (or a check) is critical, warning or notice
      --proc DIRECTORY            a directory that looks like /proc
      --color WHEN                auto, always, never
      --ascii                     no character beyond ASCII
  -V, --version
  -h, --help

Exit status
  0 fine   1 error   2 usage   3 --fail-on met   4 processes of --pid gone
`;
