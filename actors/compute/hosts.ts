/** The hosts of a network: the one in this thread, and compute threads for modules with a device. */
import type { Gateway } from '../../arlocal/gateway.js';
import type { Clock } from '../clock.js';
import { compiledUrl } from '../compiled.js';
import { reportError } from '../errors.js';
import type { EventSource } from '../events.js';
import type { Limits } from '../limits.js';
import type { Device, LocalDevice } from '../lua/device.js';
import type { LineHook } from '../lua/line-hook.js';
import { createMemoryLease } from '../memory-ports.js';
import { createDataReader } from '../messenger/missing.js';
import { createDrive } from '../wasm/drive.js';
import { createLocalHost, type Life, type LocalHostOptions, type ProcessHost } from './host.js';
import type { Program } from './modules.js';
import { createNursery } from './nursery.js';
import { createThreadHost } from './thread-host.js';
import type { DeviceFactory, DeviceModule, DeviceSpec } from './thread-protocol.js';
import type { Workshop } from './workshop.js';

export interface HostsOptions {
  readonly workshop: Workshop;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Most compute threads. */
  readonly threads: number;
  readonly devices: readonly DeviceSpec[];
  /** Devices in this thread; they go before those on threads. */
  readonly localDevices?: readonly LocalDevice[];
  /** Told of each line of Lua that runs. */
  readonly watch?: LineHook | undefined;
  readonly source: EventSource;
  readonly onSleep: LocalHostOptions['onSleep'];
}

export interface Hosts {
  readonly hostOf: (program: Program) => ProcessHost;
  /** New devices of a process, in this thread whatever its host: for who evaluates it again. */
  readonly devicesHere: (life: Life) => Promise<Device[]>;
  readonly close: () => Promise<void>;
}

export function createHosts(options: HostsOptions): Hosts {
  const { workshop, gateway, clock, limits, threads, devices, source, onSleep } = options;
  const locals = new Map((options.localDevices ?? []).map((device) => [device.extension, device]));
  const { liveMachines } = limits;
  const create = createNursery({
    workshop,
    devicesOf: ({ id, program }) =>
      program.extensions.flatMap((extension) => locals.get(extension)?.create(id) ?? []),
    driveOf: (life, program) => createDrive(gateway, life, program),
    watch: options.watch,
  });
  const local = createLocalHost({ create, liveMachines, onSleep });
  const threaded = createThreadHost({
    threads,
    devices,
    entry: compiledUrl('actors/compute/thread-main.js'),
    lease: createMemoryLease(),
    data: createDataReader(gateway, source.emit),
    onDataError: (error) =>
      source.emit({ type: 'error', error: reportError(error, 'COMPUTE_FAILED') }),
    ordered: clock.virtual,
    watch: options.watch,
    onEvent: (process, message, event) =>
      source.emit({
        type: 'device',
        process,
        event,
        ...(message === undefined ? {} : { message }),
      }),
  });
  const extensions = new Set(devices.map(({ extension }) => extension));
  for (const extension of locals.keys()) extensions.delete(extension);
  return {
    devicesHere: createDevicesHere(options, locals),
    hostOf: (program) => (program.extensions.some((it) => extensions.has(it)) ? threaded : local),
    async close() {
      await local.close();
      await threaded.close();
    },
  };
}

function createDevicesHere(
  { gateway, devices }: Pick<HostsOptions, 'gateway' | 'devices'>,
  locals: ReadonlyMap<string, LocalDevice>,
): Hosts['devicesHere'] {
  const factories = new Map<string, DeviceFactory>();
  const factoryOf = async ({ extension, url, options }: DeviceSpec) => {
    const known = factories.get(extension);
    if (known) return known;
    const { createDeviceFactory } = (await import(url)) as DeviceModule;
    const factory = createDeviceFactory({ bytes: (id) => gateway.data(id) }, options);
    factories.set(extension, factory);
    return factory;
  };
  return async ({ id, program }) => {
    const own: Device[] = [];
    for (const extension of program.extensions) {
      const local = locals.get(extension);
      const spec = devices.find((device) => device.extension === extension);
      if (local) own.push(local.create(id));
      else if (spec) own.push((await factoryOf(spec))(() => undefined));
    }
    return own;
  };
}
