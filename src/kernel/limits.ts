// Every bound of the program in one place. Reaching one is reported (a Fault that names it), never silent.
// Sizes are bytes, times milliseconds, unless the name says otherwise.

const KIB = 1024
const MIB = 1024 * KIB

export const LIMITS = {
  /** JSON read from anybody: how deep, how many bytes an object (a record), a whole request body. */
  jsonDepthMax: 64,
  recordBytesMax: 4 * MIB,
  bodyBytesMax: 16 * MIB,
  importBytesMax: 16 * 1024 * MIB,

  /** Statements: protocol section 2. */
  statementRecordsMax: 1000,
  statementContentBytesMax: 256 * KIB,
  headerBytesMax: 8 * KIB,
  contextBytesMax: 64 * KIB,
  futureMsMax: 24 * 3600 * 1000,
  audienceMembersMax: 1000,
  audienceCommunitiesMax: 32,

  /** Log: C2SP. */
  noteBytesMax: 1 * MIB,
  noteSignaturesMax: 64,
  vkeyCharsMax: 4096,
  proofHashesMax: 63,
  tlogProofBytesMax: 2 * MIB,
  entryBytesMax: 65_535,
  /** Witnessing: bodies in the field are capped between 16 and 128 KiB; ML-DSA lines are large. */
  addCheckpointBytesMax: 64 * KIB,
  trustPolicyCharsMax: 1_000_000,
  evidenceBytesMax: 256 * KIB,
  evidencePerLogMax: 16,
  gossipHeadsMax: 500,
  gossipBytesMax: 120 * KIB,
  gossipIntervalMs: 60_000,
  /** How long after the log grew peers are asked to look, where nothing of it was for them. */
  witnessHintMs: 2000,
  trustPolicyNamesMax: 10_000,

  /** One transaction of the writer. */
  groupCommandsMax: 1000,
  groupRecordsMax: 20_000,
  groupBytesMax: 64 * MIB,
  /** How many commands may wait for the writer before callers are told to come back. */
  queueCommandsMax: 10_000,
  /** Changes kept while nothing may be signed, and their bytes. */
  keptWritesMax: 10_000,
  /** Of a backup: what it says of itself; how many of a folder are listed. */
  backupManifestBytesMax: 64 * KIB,
  backupsListedMax: 200,
  keptBytesMax: 256 * MIB,
  /** How soon the audit log says again what comes again and again: an alarm, a rule that fails, an old head. */
  deedAgainMs: 3600 * 1000,

  /** Policy: rules of this member's own, before they are parsed. */
  policyFilesMax: 32,
  policyBytesMax: 256 * KIB,
  policyRulesMax: 500,
  policyDepthMax: 48,
  policyLinksMax: 2000,
  /** How many questions go to the policy thread at once, and how long an answer may take. */
  policyAsksMax: 500,
  policyDeadlineMs: 10_000,
  /** How many questions of a reader the writer looks at in one turn. */
  policyReaderAsksMax: 100,
  /** When the thread that nobody asks any more ends, to give its memory back. */
  policyIdleMs: 60_000,
  /** How long nobody asks again after the policy thread failed. */
  policyPauseMs: 10_000,
  policyReasonCharsMax: 300,
  policyDecisionsMax: 200_000,
  /** What one step of a walk over the log looks at and has decided, so that nobody waits long for the writer. */
  walkStatementsMax: 250,
  walkAsksMax: 64,
  /** What the first step that is taken at once for a peer that asks has decided; each after it twice as much. */
  walkAsksMin: 16,
  /** Steps that are taken at once for a peer that asks, until there is something for it. */
  walkAheadMax: 16,
  markingsKeptMax: 10_000,
  policyVersionsMax: 1000,

  /** TAXII. */
  taxiiPageMax: 1000,
  taxiiPageDefault: 1000,
  taxiiPageBytesMax: 32 * MIB,
  taxiiMatchValuesMax: 100,
  taxiiStatusKeptMs: 7 * 24 * 3600 * 1000,

  /** Feeds: how many there are, how many are read at once, how often one may be asked. */
  feedsMax: 1000,
  feedsAtOnce: 4,
  feedEveryMinutesMax: 30 * 24 * 60,
  feedBackoffMinMs: 60_000,
  feedBackoffMaxMs: 24 * 3600 * 1000,
  /** One page of a TAXII server, what it may say besides objects, how many pages one run takes, and how many in a row may be empty. */
  feedPageBytesMax: 32 * MIB,
  feedEnvelopeBytesMax: 64 * KIB,
  feedPagesMax: 10_000,
  feedEmptyPagesMax: 10,
  feedCursorCharsMax: 8 * KIB,
  /** A bundle, and a list: its bytes, its lines, the characters of one, and how many values of one feed are kept in mind. */
  feedBundleBytesMax: 4 * 1024 * MIB,
  feedListBytesMax: 512 * MIB,
  feedLineCharsMax: 16 * KIB,
  feedValuesMax: 2_000_000,
  /** Objects that are put, and values of a list that are compared, at once: nobody waits long for the writer. */
  feedBatch: 500,
  feedRevokeDaysMax: 3650,
  /** What is kept of each feed of what was refused, newest first. */
  feedRefusalsMax: 1000,
  /** How long a source may say nothing: some reckon for a minute. People who look at one wait less. */
  feedTimeoutMs: 120_000,
  feedPreviewTimeoutMs: 20_000,
  /** As much as a look before a feed is saved reads. */
  feedPreviewObjectsMax: 500,
  feedPreviewBytesMax: 4 * MIB,

  /** Lists of our own API. */
  facetRecordsMax: 10_000,
  /** How many records one page of the newest looks at for those that fit. */
  searchRecordsMax: 100_000,
  /** How many matches of words one page looks at for those that fit. */
  searchMatchesMax: 5_000,
  /** How many words the beginning of one may stand for before the index is asked for it as a beginning. */
  searchTermsMax: 500,
  savedSearchesMax: 50,
  /** The words that are looked for in a list, the lines that are looked at in one go, and for one page. */
  listWordsMax: 200,
  listPiece: 10_000,
  listLinesMax: 500_000,
  pageMax: 500,
  pageDefault: 50,
  /** The graph: how many records stand behind one id at most, how far apart two ends of a path may be, how many
   * neighbours of one record and how many records in all are looked at for a path. */
  graphHoldersMax: 20_000,
  graphStepsMax: 8,
  graphFanMax: 500,
  graphRecordsMax: 5000,
  /** The matrix: techniques of all authors, and how many of the newest mentions of one are counted. */
  matrixTechniquesMax: 5000,
  matrixMentionsMax: 200,

  /** Between nodes. */
  deliveryPageBytesMax: 4 * MIB,
  deliveryIndexesMax: 1000,
  deliveryItemBytesMax: 32 * KIB,
  /** How often a peer is given the same once more because it did not take it, until people approve it anew. */
  onceMoreMax: 16,
  /** Of each peer: what it passed on and was not taken that is asked for again, and the newest of what was put aside. */
  forwardRefusedMax: 100_000,
  quarantineMax: 1000,
  /** Markings of one other member that are told apart: every look asks about each of them. */
  memberLabelsMax: 1000,
  /** How often a peer's stream goes on behind a hole, or begins anew, until people approve it again. */
  streamGapsMax: 5000,
  /** Proofs of delivery: the height of a tree of heads, how often one is logged, when one that could not be is tried again,
   * how long a missing one is waited for. */
  headsHeightMin: 4,
  headsHeightMax: 15,
  headsIntervalMs: 1000,
  headsAgainMs: 5000,
  headsGraceMs: 60_000,
  deliveryProofBytesMax: 16 * MIB,
  deliveryProofItemsMax: 10_000,
  frameBytesMax: 8 * MIB,
  nodeDocumentBytesMax: 64 * KIB,
  /** As many digits as an answer names of it. */
  documentVersionMax: 999_999_999_999_999,
  /** Logs that ended, named there with their keys: as many as leave it far below its bound. */
  endedLogsNamedMax: 8,
  /** What a member says of itself there. */
  memberNamesMax: 32,
  memberNameCharsMax: 200,
  contactCharsMax: 1000,
  /** Changes of keys that are shown with a node document, and the bytes of all that proves one. */
  documentStepsMax: 32,
  documentProofBytesMax: 2 * MIB,
  peersMax: 10_000,
  peerRequestsMax: 4,
  /** What still goes to a peer whose budget of the day is used up: so many bytes an item, so many new leaves. */
  smallItemBytesMax: 16 * KIB,
  smallGrowthMax: 256,
  peerTimeoutMs: 30_000,
  peerBodyBytesMax: 32 * MIB,
  /** The slowest a line to a peer may be: half of 64 kbit/s. */
  peerBytesPerSecMin: 4 * KIB,
  signatureLifeSecMax: 120,
  clockSkewSecMax: 120,
  /** Used requests that are remembered: of all members, of one (more than it may send in that time), and of one at least. */
  noncesMax: 200_000,
  noncesPerMemberMax: 25_000,
  noncesPerMemberMin: 500,
  invitationLifeMs: 7 * 24 * 3600 * 1000,
  invitationsMax: 100,
  hintIntervalMs: 1000,
  tokenLifeMs: 15 * 60 * 1000,
  /** Tokens of one peer for reading the log; the newest are good. */
  tokensPerPeerMax: 8,

  /** Bundles: one file inside, how many there are, and how far a bundle may grow when it is unpacked. */
  bundleMemberBytesMax: 32 * MIB,
  bundleMembersMax: 1_000_000,
  bundleBytesMax: 64 * 1024 * MIB,
  bundleRatioMax: 200,
  bundleUnpackedSlack: 64 * MIB,
  bundlePartBytesMin: 512 * KIB,
  bundlesKept: 100,
  /** As much of a bundle as a look at its beginning takes: manifest, document and its proof, signature. */
  bundleLookBytesMax: 8 * MIB,

  /** Patterns: STIX 2.1 section 9. */
  patternCharsMax: 100_000,
  patternDepthMax: 100,
  patternNodesMax: 20_000,

  /** Jobs. */
  jobAttemptsMax: 50,
  jobBackoffMinMs: 1000,
  jobBackoffMaxMs: 3600 * 1000,

  /** Warnings and watch lists. */
  watchValuesMax: 5_000_000,
  valuesPerRecordMax: 10_000,
  matchesPerValueMax: 100_000,
  assetCharsMax: 200,
  watchNoteCharsMax: 2000,
  muteMsMax: 90 * 24 * 3600 * 1000,
  /** What may wait for one listener to warnings before it is let go, and how often a quiet line says it is alive. */
  eventsBytesMax: 1 * MIB,
  eventsQuietMs: 30_000,
  listenersMax: 1000,
  listenersPerCallerMax: 8,
  /** Changes that are kept for listeners whose line broke, and how long changes are gathered before they are told. */
  newsKeptMax: 1000,
  newsGatherMs: 200,
  urlCharsMax: 8192,

  /** People. */
  accountsMax: 10_000,
  sessionsPerUserMax: 20,
  /** How often it is written down that a session is in use. */
  sessionSeenMs: 60_000,
  agentCharsMax: 200,
  tokensMax: 1000,
  signInBytesMax: 64 * KIB,
  passwordChecksMax: 8,
  throttleKeysMax: 20_000,
  challengeLifeMs: 5 * 60_000,
  /** WebAuthn Level 3 section 5.8.3. */
  credentialBytesMax: 1023,
  passkeysPerUserMax: 20,
  /** What the member's own provider may answer, how long it may take, and how long what it says of itself is kept. */
  providerBytesMax: 256 * KIB,
  providerTimeoutMs: 10_000,
  discoveryLifeMs: 3600_000,
  welcomeLifeMs: 7 * 24 * 3600 * 1000,
  /** Keys at rest: what a passphrase may cost (2^18 is 256 MiB), how long a key command may take and say. */
  scryptLogNMax: 18,
  keyCommandMs: 30_000,
  passphraseBytesMax: 4096,
  keyFileBytesMax: 64 * KIB,
  /** Earlier recipient keys that are kept for old files. */
  earlierKeysMax: 200,
  overlapMs: 7 * 24 * 3600 * 1000,
  overlapDaysMax: 365,

  /** How often a node that rotates keys looks whether an overlap is over. */
  rotationLookMs: 3600 * 1000,

  /** Files of the console. */
  staticFilesMax: 5000,

  /** How long a member that leaves still signs the heads of its streams. */
  leaveMs: 5000,
  /** How long a start waits for another process to let go of the data folder. */
  folderLockMs: 5000,

  /** Requests. */
  requestTimeoutMs: 60_000,
  requestsPerMinuteMax: 6000,
} as const
