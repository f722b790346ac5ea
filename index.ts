/** Corral's public API. */
export type { Clock } from './actors/clock.js';
export { createVirtualClock, createWallClock } from './actors/clock.js';
export { type ModuleSource, moduleTags, type WasmSource } from './actors/compute/modules.js';
export { type EvaluationResult, printedText } from './actors/compute/result.js';
export type { ErrorReport } from './actors/errors.js';
export type { DeviceEvent, NetworkEvent } from './actors/events.js';
export type { Limits } from './actors/limits.js';
export type { Delivery } from './actors/messenger/trace.js';
export type { ActorNetwork, ProcessHandle } from './actors/network.js';
export type { DataItem, SignedItem } from './arlocal/data-item.js';
export { decodeDataItem, signDataItem } from './arlocal/data-item.js';
export { DEV_WALLET_NAMES, devWallet } from './arlocal/dev-wallets.js';
export type { Gateway } from './arlocal/gateway.js';
export { createGateway } from './arlocal/gateway.js';
export { createMemoryStore } from './arlocal/memory-store.js';
export { createSqliteStore } from './arlocal/sqlite/sqlite-store.js';
export type { Tag } from './arlocal/tags.js';
export type { Wallet } from './arlocal/wallet.js';
export { walletFromJwk, walletFromSeed } from './arlocal/wallet.js';
export {
  type ArchiveOptions,
  type ArchiveReport,
  exportNetwork,
  importNetwork,
} from './herd/archive.js';
export { type ArbiterReader, createArbiterReader } from './herd/bots/arbiter-reader.js';
export type { Bot, BotEvent, BotOptions } from './herd/bots/bot.js';
export { type ChallengerOptions, createChallenger } from './herd/bots/challenger.js';
export { createDefender } from './herd/bots/defender.js';
export {
  type BotPort,
  createNetworkPort,
  missingData,
  readJson,
  repliesTo,
} from './herd/bots/port.js';
export { runBot } from './herd/bots/run-bot.js';
export { createThinker, type Thinker } from './herd/bots/thinker.js';
export { createThreadThinker } from './herd/bots/thread-thinker.js';
export { bundleLua, explainMissingModule } from './herd/bundle.js';
export type { Corral, CorralInfo, CorralOptions, DevWallet } from './herd/corral.js';
export { startCorral } from './herd/corral.js';
export { type DisputeFault, FAULT_KINDS, type FaultKind } from './herd/dispute/dispute-fault.js';
export type { DisputeEvent } from './herd/dispute/dispute-game.js';
export type {
  ChallengeRecord,
  DisputeRecord,
  InstructionRecord,
  Interval,
  RoundRecord,
  Silence,
} from './herd/dispute/dispute-record.js';
export { type DisputeOptions, playDispute } from './herd/dispute/play-dispute.js';
export { CorralError } from './herd/errors.js';
export type { Herd, HerdOptions, HerdProcesses, UserOptions } from './herd/herd.js';
export { bootHerd, PINNED, spawnUser } from './herd/herd.js';
export type { Modules } from './herd/modules.js';
export { llamaDevice, publishModules } from './herd/modules.js';
export { type OperatorConfig, readOperatorConfig } from './herd/operator/config.js';
export type { StopReport } from './herd/operator/desk.js';
export { OperatorError } from './herd/operator/errors.js';
export { type Operator, type OperatorOptions, startOperator } from './herd/operator/operator.js';
export { packageRoot, VERSION } from './herd/package-root.js';
export type { GatewayEvent, UpstreamInfo, UpstreamOptions } from './herd/upstream.js';
export { type VerifyOptions, type VerifyReport, verifyNetwork } from './herd/verify.js';
export type { AdoptRequest } from './kit/adopt/request.js';
export type { SettableValue } from './kit/cheats/lua-literal.js';
export type { WarAmount } from './kit/cheats/mint-war.js';
export {
  type CollectOptions,
  type Collector,
  createCollector,
  readCollected,
  saveCollected,
} from './kit/collect/collector.js';
export { renderLcov } from './kit/coverage/lcov.js';
export { listLuaFiles } from './kit/coverage/lua-files.js';
export {
  type CoverageFiles,
  type CoverageReport,
  type FileCoverage,
  reportCoverage,
} from './kit/coverage/report.js';
export { renderCoverage, shareOf } from './kit/coverage/table.js';
export { type Breakpoint, breakpointText, parseBreakpoint } from './kit/debug/breakpoints.js';
export type { BreakpointCheck } from './kit/debug/check-breakpoints.js';
export type { DebugQuestion, WatchEvent } from './kit/debug/debug-app.js';
export { createDesk, type Desk, type OpenSession, type Watch } from './kit/debug/desk.js';
export type { Frame } from './kit/debug/frames.js';
export type { Move } from './kit/debug/moves.js';
export type { DebugSession, Stop } from './kit/debug/session.js';
export type { Evaluated, Scopes, Value, Variable } from './kit/debug/variables.js';
export type { FrameView, SessionView } from './kit/debug/view.js';
export { KitError } from './kit/errors.js';
export type { KitFaults, KitLink } from './kit/faults.js';
export type { GasRecord, GasRecorder } from './kit/gas/gas-recorder.js';
export { type GasReport, type GasRow, reportGas } from './kit/gas/gas-report.js';
export { renderGas } from './kit/gas/gas-table.js';
export type { Change } from './kit/inspect/diff.js';
export { createInspector, type Inspector, type TraceQuery } from './kit/inspect/inspector.js';
export type { ProcessState } from './kit/inspect/process-state.js';
export type { StateRecord, StateValue } from './kit/inspect/state-value.js';
export type { Failure } from './kit/lua-tests/failure.js';
export {
  type FailureOptions,
  type FailureRole,
  renderFailure,
} from './kit/lua-tests/render-failure.js';
export type { FileReport, TestResult } from './kit/lua-tests/run-file.js';
export { type LuaTestOptions, runLuaTests } from './kit/lua-tests/run-lua-tests.js';
export {
  type AdoptedProcess,
  createNetwork,
  type DryRunRequest,
  type ForkOptions,
  type FoundProcess,
  type KitClock,
  type LoadOptions,
  loadNetwork,
  type Network,
  type NetworkOptions,
  type Process,
  type Receipt,
  type SendRequest,
  type SpawnRequest,
} from './kit/network.js';
export type { Impersonated, Ref, Sender } from './kit/people/refs.js';
export { projectRoot } from './kit/project-root.js';
export { as, type Decoded, type Decoder } from './kit/read/decoders.js';
export type { StatePath } from './kit/read/paths.js';
export { renderTree, type TreeDetail, type TreeOptions, type TreeRole } from './kit/render/tree.js';
export type { TreeNode } from './kit/render/tree-node.js';
export type { Action, Deed } from './kit/simulation/action.js';
export { type Checker, Violation, type Watch as CheckerWatch } from './kit/simulation/checker.js';
export { answeredOrRefunded } from './kit/simulation/checkers/answered-or-refunded.js';
export { noDoubleBooking } from './kit/simulation/checkers/no-double-booking.js';
export { noErrors } from './kit/simulation/checkers/no-errors.js';
export { queueSorted } from './kit/simulation/checkers/queue-sorted.js';
export { replayEqual } from './kit/simulation/checkers/replay-equal.js';
export { warConserved } from './kit/simulation/checkers/war-conserved.js';
export { type RandomFaultsOptions, randomFaults } from './kit/simulation/fault-action.js';
export { hashNetwork } from './kit/simulation/final-hash.js';
export { createModelledEngine } from './kit/simulation/modelled-engine.js';
export type { Chance } from './kit/simulation/random.js';
export { type ReplayReport, replaySimulation } from './kit/simulation/replay-simulation.js';
export type { Failure as SimulationBreach, SimulatedActor, Stage } from './kit/simulation/run.js';
export {
  type SimulateOptions,
  SimulationFailed,
  type SimulationFailure,
  type SimulationReport,
  simulate,
} from './kit/simulation/simulate.js';
export type { Snapshot } from './kit/snapshot.js';
export { didYouMean } from './kit/suggest.js';
export type { Duration, Moment } from './kit/time/durations.js';
export type { Mining } from './kit/time/mining.js';
export { createToolsApp, type TraceDocument } from './kit/tools-app.js';
export {
  type ConvertedModel,
  type ConvertOptions,
  convertMlp,
  type WeightFormat,
} from './llama/convert-mlp.js';
export { readSafetensors, type Safetensors } from './llama/safetensors.js';
export type { Terms as FeeTerms } from './pricing/fee.js';
export { calculateFee } from './pricing/fee.js';
export { type AcceptedOffer, judgeOffer, type Offer, type RefusedOffer } from './pricing/offer.js';
export { type Bid, enqueue, isServedBefore } from './pricing/queue.js';
export { FEE_BUMP, MAX_MULTIPLIER, type Prices, quoteOffer } from './pricing/quote.js';
export { countWords } from './pricing/words.js';
