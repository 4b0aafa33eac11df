/**
 * Words of finance and what they say of whoever the headline is about: 3 strong, 2 clear, 1 weak; negative is bad news.
 *
 * Written by hand from general knowledge of how financial news is worded, before any labelled headline was looked at, and
 * the lexicon is not changed after looking at these headlines: only so does docs/sentiment.md measure anything. British
 * spellings stand beside American ones. Every form of a word stands here, because stems merge what must stay apart
 * ("returns", "returned").
 */
const WORDS: Readonly<Record<string, string>> = {
  '3': `
    soar soars soared soaring surge surges surged surging skyrocket skyrockets skyrocketed skyrocketing rocket rockets rocketed
    blockbuster stellar breakthrough breakthroughs triumph triumphs windfall bumper outperform outperforms
    outperformed outperforming doubles doubled doubling trebles trebled triples tripled quadruples quadrupled bonanza
    trounces trounced smashes smashed`,
  '2': `
    rise rises rose rising risen gain gains gained gaining climb climbs climbed climbing jump jumps jumped jumping rally rallies
    rallied rallying advance advances advanced advancing increase increases increased increasing grow grows grew growing grown
    growth improve improves improved improving improvement improvements rebound rebounds rebounded rebounding recover recovers
    recovered recovering recovery strengthen strengthens strengthened strengthening boost boosts boosted boosting lift lifts
    lifted lifting leap leaps leapt leaping beat beats beating exceed exceeds exceeded exceeding
    surpass surpasses surpassed surpassing outpace outpaces outpaced win wins won winning upgrade upgrades upgraded upgrading
    upbeat optimistic optimism bullish buoyant buoyed buoys strong stronger strongest strongly robust healthy profitable
    profitability success successes successful successfully succeed succeeds succeeded buyback buybacks approval approvals
    approve approves approved accelerate accelerates accelerated accelerating outstripped outstrips
    impressive excellent exceptional higher highest rebounding upturn upside upswing thrive thrives thriving
    boom booms booming flourish flourishes flourishing overtake overtakes resilient resilience revive revives revived
    revival cheer cheers cheered applaud applauds applauded vindicated acquitted exonerated lucrative undervalued
    outsells oversubscribed upsizes raises raised raise hike hikes hiked hiking`,
  '1': `
    up high highs record good better best well positive positively confident confidence solid steady steadies steadied
    stable stabilise stabilises stabilised stabilize stabilizes stabilized stabilising stabilizing firm firms firmer firmly
     profit profits dividend dividends award awards awarded secure secures secured securing agree agrees
    agreed agreement deal deals partner partners partnership partnerships contract contracts launch launches launched
    expand expands expanded expanding expansion invest invests invested investing investment investments buy buys bought buying
    acquire acquires acquired acquisition opportunity opportunities progress progresses progressed advantage
    favourable favorable favour favor favours favors attractive popular demand welcome welcomes welcomed support supports
    supported supportive backing backs backed back endorse endorses endorsed reward rewards rewarded rewarding benefit benefits
    benefited benefiting gainer gainers leader leading lead leads milestone milestones innovation innovative innovate
    efficient efficiency efficiencies savings synergy synergies ahead reassure reassures reassured hopes hope hopeful eases
    ease eased relief resolve resolves resolved rescue rescued turnaround restore restores
    restored resume resumes resumed reinstate reinstates reinstated unveil unveils unveiled double-digit promising promise
     clears cleared clear green-light expanded fuel fuels fueled fuelled bolster bolsters bolstered extends
    extend extended complete completes completed attract attracts attracted clinch clinches clinched bag bags bagged
       hire hires hiring recruit recruits recruiting recruited accretive overweight
    advancer uptick uptrend brighter bright brightens warm enjoy enjoys enjoyed top tops topped topping`,
  '-1': `
    down low lows lower lowest bad worse poor poorly negative negatively concern concerns concerned worry worries worried
    worrying fear fears feared uncertain uncertainty uncertainties cautious caution cautions cautioned doubt doubts doubtful
    risk risks risky challenge challenges challenging challenged pressure pressures pressured tough tougher difficult
    difficulty difficulties hard harder sell sells selling sold exit exits exited quit quits leave leaves
    depart departs departed departure departures resign resigns resigned resignation delay delays delayed delaying
    postpone postpones postponed suspend suspends suspended suspension halt halts halted pause pauses paused stall stalls
    stalled soft softer soften softens softened softening slow slows slowed slowing slower sluggish dull flat muted
    subdued dip dips dipped dipping cut cuts cutting trim trims trimmed reduce reduces reduced reducing
    reduction reductions debt debts indebted costs cost-overrun expensive tax taxes levy levies inflation probe probes
    probed investigate investigates investigated investigation investigations inquiry inquiries enquiry query scrutiny
    scrutinise scrutinize question questions questioned dispute disputes disputed strike strikes protest protests tension
    tensions threat threats threaten threatens threatened threatening volatility volatile turbulence turbulent
    closure closures close-down shut shuts shutting shutdown redundancy redundancies layoff layoffs lay-off lay-offs
    axe axes axed axing scrap scraps scrapped scrapping abandon abandons abandoned abandoning cancel cancels
    cancelled canceled cancellation withdraw withdraws withdrew withdrawn withdrawal recall recalls recalled reject rejects
    rejected rejection refuse refuses refused oppose opposes opposed opposition block blocks blocked ban bans banned
    headwind headwinds underweight dilution dilute dilutes dilutive overhang glut oversupply shortage shortages slippage
    restructure restructures restructuring overhaul unrest rift row feud backlash boycott criticise criticised criticize
    criticized criticism complain complaint complaints overvalued bubble hurdle hurdles weigh weighs
    weighed hamper hampers hampered curb curbs curbed limit limits limited drag drags dragged dragging uneven gloomy gloom`,
  '-2': `
    fall falls fell falling fallen drop drops dropped dropping decline declines declined declining decrease decreases decreased
    decreasing slide slides slid sliding slip slips slipped slipping sink sinks sank sinking sunk lose loses lost losing loss
    losses loser losers miss misses missed missing disappoint disappoints disappointed disappointing disappointment
    weak weaker weakest weaken weakens weakened weakening weakness retreat retreats retreated retreating shrink shrinks shrank
    shrinking shrunk contraction downturn downgrade downgrades downgraded downgrading bearish pessimistic
    pessimism hit hits hurt hurts hurting harm harms harmed damage damages damaged damaging suffer suffers suffered suffering
    struggle struggles struggled struggling fail fails failed failing failure failures warn warns warned warning warnings
    fine fines fined penalty penalties sue sues sued suing lawsuit lawsuits litigation sanction sanctions sanctioned violation
    violations violate violates violated breach breaches breached guilty illegal illegally unlawful misconduct wrongdoing
    deficit deficits shortfall shortfalls writedown writedowns write-down write-downs writeoff write-off write-offs impairment
    impairments overrun overruns underperform underperforms underperformed underperforming slowdown setback setbacks
    deteriorate deteriorates deteriorated deteriorating deterioration worsen worsens worsened worsening outflow outflows
    sell-off selloff sell-offs selloffs turmoil crisis crises woes woe trouble troubles troubled blow blows wipe wipes wiped
    wiping slash slashes slashed slashing erode erodes eroded eroding erosion squeeze squeezes squeezed squeezing overcharge
    overcharged mis-selling misselling misled mislead misleading outage outages accident accidents explosion leak leaks
    spill hack hacks hacked hacking cyberattack downbeat dismal grim bleak dire unprofitable unsold stagnate
    stagnates stagnated stagnation stagnant tariff tariffs embargo unemployment jobless delinquency delinquencies
    plunder overspend accuse accuses accused accusation accusations alleged allegation allegations charged
    injury injuries death deaths fatal falter falters faltered faltering bruised dent dents dented denting rout
     underwhelm underwhelms underwhelming underwhelmed spooks spooked jitters nervous panic panics shock shocks
    stumble stumbles stumbled stumbling pummeled pummelled battered`,
  '-3': `
    plunge plunges plunged plunging plummet plummets plummeted plummeting crash crashes crashed crashing collapse collapses
    collapsed collapsing tumble tumbles tumbled tumbling slump slumps slumped slumping nosedive nosedives nosedived tank tanks
    tanked tanking bankrupt bankruptcy bankruptcies insolvent insolvency insolvencies default defaults defaulted defaulting
    fraud frauds fraudulent scandal scandals bribe bribes bribery corruption corrupt liquidation liquidate liquidates
    liquidated delist delists delisted delisting catastrophe catastrophic disaster disastrous meltdown recession depression
    contagion administration receivership haemorrhage hemorrhage haemorrhages hemorrhages rigging launder laundering
    embezzle embezzlement embezzled ponzi crater craters cratered cratering implode implodes imploded annihilated decimated
    war invasion junk plundered foreclosure foreclosures freefall free-fall`,
};

/** Expressions of several words; each is taken before its words are. */
const PHRASES: Readonly<Record<string, string>> = {
  '3': `
    all time high|all-time high|record high|record highs|record profit|record profits|record revenue|record earnings
    |record sales|beats expectations|beat expectations|beats estimates|beat estimates|beats forecasts|beat forecasts
    |tops estimates|tops expectations|tops forecasts|smashes forecasts|better than expected|better-than-expected
    |raises guidance|raised guidance|raises forecast|raised forecast|raises outlook|lifts guidance|lifts forecast
    |lifts outlook|hikes guidance|ups guidance|ups forecast|above expectations|ahead of expectations|ahead of forecasts
    |multi year high|multi-year high|52 week high|52-week high|year high|record year|record quarter`,
  '2': `
    price target raised|raises price target|raises target price|raised to buy|upgraded to buy|upgrade to buy|strong buy
    |buy rating|raises dividend|hikes dividend|lifts dividend|boosts dividend|ups dividend|special dividend|share buyback
    |share buy back|stock buyback|share repurchase|buys back|return to profit|return to growth|returns to growth|returns to profit|swings to profit
    |back in profit|back to profit|back in black|losses narrow|loss narrows|narrows loss|narrows losses|narrower loss
    |cuts debt|cut debt|reduces debt|pays down debt|cuts costs|cost savings|cost cutting pays|fda approval|wins contract
    |wins order|wins approval|wins appeal|wins deal|gets approval|given go ahead|go ahead|green light|green lights
    |market share gains|gains market share|on track|on course|record order|strong demand|takeover bid|takeover offer
    |takeover approach|bid approach|bid interest|bid speculation|bidding war|sweetens offer|in demand|shrugs off|shrug off
    |fights back|bounces back|bounce back|turns corner|turns the corner|pays off|paid off|credit rating raised
    |points higher|edges higher|edges up|inches up|ticks up|creeps up|nudges up|opens higher|closes higher|ends higher
    |finishes higher|in the black|five star|new high|in talks to buy|stays strong|soft landing|beats street|profit up
    |profits up|sales up|revenue up|shares up|stock up|up as|earnings up|off to a strong start|outperform rating`,
  '1': `
    in line with expectations|maintains dividend|holds dividend|new contract|new order|new deal|new orders|signs deal
    |strikes deal|seals deal|agrees deal|clinches deal|inks deal|joint venture|set to grow|set to rise|to create jobs
    |creates jobs|new jobs|moves ahead|forges ahead|takes stake|raises stake|ups stake|increases stake|boosts stake
    |opens new|new store|new stores|new plant|reiterates buy|maintains buy|rate cut hopes|steps up|speeds up`,
  '-1': `
    below par|stake sale|sells stake|cuts stake|trims stake|reduces stake|steps down|stepping down|stands down
    |chief quits|chairman quits|ceo quits|under pressure|under fire|in doubt|on hold|faces questions|faces probe|no deal
    |talks end|profit taking|reiterates sell|hold rating|cut to hold|downgraded to hold|tax bill|no plans|tough market
    |tough conditions|tough trading|pulls out|pull out|walks away|scales back|scaled back|backs out|shelves plans
    |puts on hold|price war|strike action|flat sales`,
  '-2': `
    price target cut|cuts price target|cuts target price|lowers price target|cut to sell|downgraded to sell|sell rating
    |job cuts|cuts jobs|cut jobs|to cut jobs|job losses|axes jobs|axe jobs|slashes jobs|jobs at risk|profit falls
    |profits fall|sales fall|loss widens|losses widen|widens loss|widening loss|wider loss|swings to loss|swing to loss
    |posts loss|reports loss|pretax loss|pre-tax loss|net loss|in the red|into the red|faces lawsuit|class action
    |short seller|short sellers|credit rating cut|rating cut|goes ex|points lower|edges lower|edges down|inches down
    |ticks down|drifts lower|opens lower|closes lower|ends lower|finishes lower|new low|falls short|fall short|fell short
    |short of expectations|data breach|product recall|accounting error|accounting errors|accounting irregularities
    |profit down|profits down|sales down|revenue down|shares down|stock down|earnings down|underperform rating
    |restates earnings|hard landing|cash burn|rights issue|emergency funding|bail out|bailout|loses contract|loses appeal
    |loses deal|loses market share|losing market share|lost contract|bond rout|debt burden|debt pile|hits out|hit by
    |takes hit|takes a hit|weighs on|weigh on|drags down|drag on`,
  '-3': `
    profit warning|profits warning|profit warnings|issues warning|warns on profit|warns on profits|misses expectations
    |missed expectations|misses estimates|missed estimates|misses forecasts|worse than expected|worse-than-expected
    |below expectations|below forecasts|below estimates|cuts guidance|cut guidance|lowers guidance|lowered guidance
    |slashes guidance|cuts forecast|cut forecast|cuts forecasts|lowers forecast|slashes forecast|cuts outlook|lowers outlook
    |withdraws guidance|cuts dividend|cut dividend|slashes dividend|scraps dividend|axes dividend|suspends dividend
    |dividend cut|all time low|all-time low|record low|record lows|record loss|record losses|record fine|52 week low
    |52-week low|multi year low|multi-year low|year low|goes bust|go bust|going concern|files for bankruptcy
    |chapter 11|debt default|money laundering|insider trading|criminal charges|bear market|market crash|bank run
    |price fixing|price-fixing|calls in administrators|going under|brink of collapse`,
};

/** What monetary policy says of a currency, where it is the currency that is asked about; for a share these say little. */
const MONETARY: Readonly<Record<string, string>> = {
  '2': `
    hawkish|rate hike|rate hikes|raises rates|raised rates|raise rates|hikes rates|hiked rates|hike rates|lifts rates
    |rate rise|rate rises|rate increase|rate increases|tightening|tightens|tighten|tighter policy|higher for longer|tapering|taper
    |safe haven|safe-haven|haven demand|intervenes to support|trade surplus`,
  '1': `higher rates|rate bets rise|yields rise|higher yields|yields climb|inflation rises|inflation accelerates|hot inflation`,
  '-1': `lower rates|yields fall|lower yields|yields drop|inflation slows|inflation cools|inflation falls|cooling inflation`,
  '-2': `
    dovish|rate cut|rate cuts|cuts rates|cut rates|lowers rates|lowered rates|slashes rates|slash rates|easing|eases policy
    |quantitative easing|stimulus|negative rates|devalue|devalues|devalued|devaluation|depreciation|depreciates
    |capital controls|currency crisis|trade deficit|intervenes to weaken`,
};

/** Things of which less is good: who cuts costs or narrows a loss does well. */
const BURDENS = `
  loss losses cost costs debt debts deficit deficits unemployment jobless claims redundancies layoffs default defaults
  delinquencies impairment impairments inflation expenses charges borrowing borrowings complaints risk risks fears fear
  concerns worries pressure pressures tax taxes tariffs fine outflows emissions shortfall arrears`;

/** Words that say that something becomes less, or ends. */
const LESS = `
  narrow narrows narrowed narrowing cut cuts cutting reduce reduces reduced reducing reduction trim trims trimmed slash slashes
  slashed fall falls fell falling drop drops dropped decline declines declined ease eases eased easing lower lowers lowered
  shrink shrinks shrank shrinking halve halves halved slide slides slid avoid avoids avoided avoiding avert averts averted
  end ends ended escape escapes escaped dodge dodges allay allays allayed calm calms calmed recede recedes receding fade
  fades faded overcome overcomes overcame erase erases erased recoup recoups recouped pare pares pared curb curbs curbed
  down`;

/** Words that say that something becomes more. */
const MORE = `
  rise rises rose rising increase increases increased increasing grow grows grew growing climb climbs climbed climbing jump
  jumps jumped soar soars soared soaring surge surges surged surging mount mounts mounted mounting widen widens widened
  widening swell swells swelled deepen deepens deepened double doubles doubled up higher raise raises raised balloon balloons
  ballooned ballooning hike hikes escalate escalates escalated escalating high`;

/** Words after which the next few mean the opposite, somewhat weaker. */
const NEGATIONS = `
  not no never none nor neither without cannot cant dont doesnt didnt wont wouldnt isnt arent wasnt werent hasnt havent
  shouldnt couldnt unlikely hardly barely denies deny denied denying rejects rebuffs dismisses dismissed `;

/** Words after which the next few are only the background of what is said. */
const CONCESSIONS = 'despite although though notwithstanding defying defies amid';

const spaced = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');
const barred = (text: string): readonly string[] =>
  text
    .split('|')
    .map((phrase) => phrase.replace(/-/g, ' ').replace(/\s+/g, ' ').trim())
    .filter((phrase) => phrase !== '');

function weighted(table: Readonly<Record<string, string>>, split: (text: string) => readonly string[]) {
  const found = new Map<string, number>();
  for (const [weight, text] of Object.entries(table)) {
    for (const entry of split(text)) found.set(entry.replace(/-/g, ' '), Number(weight));
  }
  return found;
}

/** Entries of the lexicon, in small letters, hyphens as spaces; the weight is −3 … 3. */
export const lexicon: ReadonlyMap<string, number> = new Map([...weighted(WORDS, spaced), ...weighted(PHRASES, barred)]);

/** What counts beside the lexicon, and before it, where a currency is asked about. */
export const monetary: ReadonlyMap<string, number> = weighted(MONETARY, barred);

export const burdens: ReadonlySet<string> = new Set(spaced(BURDENS));
export const lessWords: ReadonlySet<string> = new Set(spaced(LESS));
export const moreWords: ReadonlySet<string> = new Set(spaced(MORE));
export const negations: ReadonlySet<string> = new Set(spaced(NEGATIONS));
export const concessions: ReadonlySet<string> = new Set(spaced(CONCESSIONS));
