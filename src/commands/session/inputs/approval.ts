import type { ApprovalParts } from '../../../core/engine/parts.js';
import type { Prepared } from './prepare.js';

/** Where a session trades, as far as an answer is bound to it. */
export interface AskingFor {
  readonly mode: 'backtest' | 'paper' | 'live';
  readonly broker: string;
  readonly account: string;
  readonly configHash: string;
}

/** How this session asks before an entry leaves; undefined where it asks nobody. `live` is the default and means only there. */
export function approvalOf({ loaded, costs }: Prepared, where: AskingFor): ApprovalParts | undefined {
  const { required, timeoutMs, bandBps } = loaded.settings.approval;
  if (required === false || (required === 'live' && where.mode !== 'live')) return undefined;
  const { account, broker, configHash } = where;
  return { timeoutMs, bandBps, account, broker, configHash, markup: costs.financing.markup };
}

/** A run over history has nobody to ask: what is asked there expires. */
export function unansweredWarning({ loaded, request }: Prepared): readonly string[] {
  if (loaded.settings.approval.required !== true) return [];
  if (request.mode !== 'backtest' && request.data.length === 0) return [];
  return ['approval.required is true, and history has nobody to ask: every entry expires unanswered'];
}
