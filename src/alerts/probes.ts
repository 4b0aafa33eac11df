import type { ChannelName } from '../core/alerts/kinds.js';

/** Where a person gets what a channel needs. The terminal needs nothing. */
export const CHANNEL_HELP: Readonly<Record<Exclude<ChannelName, 'console'>, string>> = {
  email: 'your mail provider’s SMTP page: smtps://USER:PASSWORD@HOST:465',
  slack: 'https://api.slack.com/apps, Incoming Webhooks',
  discord: 'the channel’s settings, Integrations, Webhooks',
  telegram: '@BotFather in Telegram for the token; write to the bot, then getUpdates shows the chat id',
  sms: 'https://console.twilio.com (SID, token, a number of yours)',
  voice: 'https://console.twilio.com (SID, token, a number of yours)',
  webhook: 'a server of yours that takes a signed POST',
  ping: 'https://healthchecks.io or a watcher like it: the address of one check',
};
