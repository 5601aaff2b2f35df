/** Text that some reader takes for a truth value, a number, a date or a merge. */
export const looksLikeMore = [
  'y n Y N on off yes no No true null ~ = << 012 0o14 0x1f 0b1 1_000 +1 -1 1. .5 1e3 1.5e+3 .inf -.inf .nan 12:30 190:20:30',
  '2026-01-01 2026-01-01T00:00:00Z 0. 685.230_15e+03',
].flatMap((line) => line.split(' '))

/** Text that means something to YAML itself, or is hard to write down. */
export const signs = [
  '|a b|2001-12-14 21:59:43.10 -5|1e| a|a |a: b|# c|a #b|- a|? a|! a|&a|*a|%a|@a|`a|"a|\'a|{a|[a|>|---|...|…|🏠',
  'a\nb|a\n|\na|a\tb|a\r\nb|\u0085|\u2028|\uFEFF|\u0000|\u001B',
].flatMap((line) => line.split('|'))
