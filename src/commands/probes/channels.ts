import { CHANNEL_HELP } from '../../alerts/probes.js';
import { type ChannelFacts, channelFacts, openChannels } from '../../alerts/registry.js';
import { alertOf } from '../../core/alerts/alert.js';
import type { Channel, Outgoing } from '../../core/alerts/channel.js';
import { randomBits } from '../../core/state/random-bits.js';
import { type KeyNeeds, keyCheck } from './keys.js';
import { type Bench, type Check, type Finding, fail, pass, type Subject } from './subject.js';

/** Names of the channels that can be tested: the terminal is seen by whoever asks. */
export const channelNames = (): readonly string[] =>
  channelFacts().flatMap(({ name }) => (name === 'console' ? [] : [name]));

/** Every way to reach people far away. Nothing is sent to those that are not in `sendTo`. */
export function channelSubjects(): readonly Subject[] {
  return channelFacts().flatMap((facts) => {
    if (facts.name === 'console') return [];
    const needs = needsOf(facts, CHANNEL_HELP[facts.name]);
    return [{ name: facts.name, group: 'channels' as const, origins: [], checks: [keyCheck(needs), sendCheck(facts)] }];
  });
}

function needsOf({ name, title, needs }: ChannelFacts, from: string): KeyNeeds {
  return {
    name,
    title,
    needs,
    facts: needs.map((variable) => ({ name: variable, shape: /./s, looks: '' })),
    from,
    isUsed: ({ settings }) => Object.values(settings?.alerts.routes ?? {}).some((route) => route.includes(name)),
  };
}

function sendCheck({ name, title, needs }: ChannelFacts): Check {
  return {
    name: 'message',
    async run(bench) {
      if (needs.some((need) => !bench.secrets.names().includes(need))) return undefined;
      const { secrets, clock, http } = bench;
      const session = Buffer.from(randomBits()).toString('hex');
      const open = await openChannels({ secrets, clock, session, http });
      try {
        const trouble = open.trouble.find(({ channel }) => channel === name);
        if (trouble !== undefined) return fail(trouble.why, `correct it where ${needs.join(', ')} is set`);
        const channel = open.channels.get(name);
        if (channel === undefined) return undefined;
        if (!bench.sendTo.has(name)) return pass(`set up, nothing was sent; try it: --only ${name} --send`);
        return await sent(channel, title, bench);
      } finally {
        open.close();
      }
    },
  };
}

async function sent(channel: Channel, title: string, { clock, signal }: Bench): Promise<Finding> {
  const at = clock.now();
  const text = 'A person tests this channel with fxtrade test-feeds. Nothing has happened.';
  const alert = alertOf({ ts: at, kind: 'test', source: 'test-feeds', text });
  const message: Outgoing = {
    id: `${channel.name}-test-${at}`,
    channel: channel.name,
    alerts: [alert],
    why: 'now',
    repeats: {},
    dropped: 0,
    urgent: false,
    at,
  };
  const receipt = await channel.send(message, signal);
  if (receipt.kind === 'sent') return pass(`a test message was taken by ${title}: look whether it arrived`);
  return fail(`the test message was not taken: ${receipt.why}`, `check the key and the address of ${title}`);
}
