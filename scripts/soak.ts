// `npm run soak`: the random, crash and fuzz tests, many more rounds of each.
process.env['COMITY_SOAK'] = '1'
process.argv.splice(2, 0, 'test/world/leak.test.ts', 'test/crash.proc.test.ts', 'src/federation/frames.test.ts')
await import('./test.ts')
