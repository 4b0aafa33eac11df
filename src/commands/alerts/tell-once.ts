import { alertOf, type News } from '../../core/alerts/alert.js';
import { type AlertSettings, defaultAlertSettings } from '../../core/alerts/settings.js';
import { loadSecrets } from '../../core/config/secrets.js';
import type { CommandContext } from '../runtime/command.js';
import { openDesk, reachable } from './open-desk.js';

const GRACE_MS = 5_000;

/**
 * Tells people far away what a command did, after it answered; waits 5 s at most and throws nothing. Where no channel has
 * its keys nothing is loaded and nothing is kept: whoever typed the command knows. `always`: nobody sits there, so it is kept for
 * `status` all the same.
 */
export async function tellOnce(ctx: CommandContext, news: Omit<News, 'ts'>, always = false): Promise<void> {
  try {
    if (!always && reachable(loadSecrets(ctx)).length === 0) return;
    const { desk, channels } = await openDesk(ctx, { settings: await settingsOf(ctx), withConsole: false });
    desk.tell(alertOf({ ...news, ts: ctx.clock.now() }));
    await desk.end(GRACE_MS, true);
    channels.close();
  } catch (error) {
    ctx.warn(`nobody was told: ${error instanceof Error ? error.message : 'unknown trouble'}`);
  }
}

/** Settings that cannot be read must not keep a halt from being told. */
async function settingsOf(ctx: CommandContext): Promise<AlertSettings> {
  try {
    return (await ctx.settings()).settings.alerts;
  } catch {
    return defaultAlertSettings();
  }
}
