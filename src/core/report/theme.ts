/**
 * The look of the page. Blue and orange stand for gain and loss because nearly every reader can tell them apart, in
 * print as well; dashes repeat what color says. Numbers are tabular, so that columns line up.
 */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b2430;--soft:#5b6675;--faint:#8a94a3;--rule:#e3e7ec;--grid:#edf0f3;--panel:#f6f8fa;
--t0:#1f5f99;--t1:#c2701c;--t2:#8d4a5d;--t3:#3f7f74;--gain:31,95,153;--loss:194,102,28;--warn:#fdf4e3;--warn-rule:#e3b75b;--badge:#8a4b00;--badge-paper:#fdf0d9;--on-gain:#fff;--on-loss:#1b2430}
@media (prefers-color-scheme:dark){:root{--paper:#12171e;--ink:#e6eaef;--soft:#a3adba;--faint:#7b8694;--rule:#2a323d;--grid:#212933;--panel:#1a2129;
--t0:#6fb0e8;--t1:#eda555;--t2:#d68ea4;--t3:#74c2b3;--gain:86,156,214;--loss:224,138,60;--warn:#2b2414;--warn-rule:#8f6f2a;--badge:#ffd591;--badge-paper:#3a2c12;--on-gain:#0d1218;--on-loss:#0d1218}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;font-variant-numeric:tabular-nums lining-nums}
main,header.page,footer{max-width:1040px;margin:0 auto;padding:0 28px}
header.page{padding-top:44px}
h1{font-size:30px;line-height:1.15;letter-spacing:-.015em;margin:6px 0 4px;font-weight:650}
h2{font-size:18px;line-height:1.3;margin:0 0 2px;font-weight:650;letter-spacing:-.005em}
h3{font-size:13px;margin:16px 0 4px;font-weight:600;color:var(--soft)}
p{margin:0}
.span{color:var(--soft);font-size:16px}
.badges{display:flex;flex-wrap:wrap;gap:8px;margin:0}
.badge{display:inline-block;padding:2px 10px;border-radius:3px;font-size:12px;font-weight:650;letter-spacing:.06em;text-transform:uppercase;background:var(--panel);color:var(--soft);border:1px solid var(--rule)}
.badge.loud{background:var(--badge-paper);color:var(--badge);border-color:var(--warn-rule)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:1px;background:var(--rule);border:1px solid var(--rule);margin:24px 0 8px}
.tiles div{background:var(--paper);padding:13px 16px 12px}
.tiles dt{font-size:12px;color:var(--soft)}
.tiles dd{margin:1px 0 0;font-size:23px;font-weight:600;letter-spacing:-.01em}
.tiles small{display:block;font-size:12px;font-weight:400;color:var(--faint);letter-spacing:0}
.warnings{border-left:4px solid var(--warn-rule);background:var(--warn);padding:12px 16px;margin:18px 0 0}
.warnings h2{font-size:14px}.warnings ul{margin:2px 0 0;padding-left:20px}
section{margin:38px 0 0;padding-top:16px;border-top:1px solid var(--rule);min-width:0}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.6fr);gap:0 36px}
.caption{color:var(--soft);font-size:13px;max-width:100ch;margin-bottom:8px}
.absent{color:var(--faint);padding:12px 0}
.legend{display:flex;gap:20px;font-size:13px;color:var(--soft);margin:6px 0 2px}
.key i{display:inline-block;width:22px;height:0;border-top:3px solid;vertical-align:4px;margin-right:7px}
.key i.dashed{border-top-style:dashed}
.key .s0{border-color:var(--t0)}.key .s1{border-color:var(--t1)}.key .s2{border-color:var(--t2)}.key .s3{border-color:var(--t3)}
.scroll{overflow-x:auto;position:relative}
svg.chart{display:block;width:100%;min-width:620px;height:auto;overflow:visible}
svg text{font-size:12px;fill:var(--soft);font-family:inherit}
svg text.small{font-size:10px;fill:var(--faint)}svg text.name{font-size:13px;fill:var(--ink)}svg text.mark{fill:var(--ink)}
.grid{stroke:var(--grid)}.tick,.base{stroke:var(--faint)}.base{stroke-width:1;opacity:.75}.mark{stroke:var(--ink);stroke-dasharray:2 3}text.mark{stroke:none}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}.line.dashed{stroke-dasharray:5 3}
.line.t0{stroke:var(--t0)}.line.t1{stroke:var(--t1)}.line.t2{stroke:var(--t2)}.line.t3{stroke:var(--t3)}
.line.expected{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:4 3}
.area{stroke:none;opacity:.16}.area.t0{fill:var(--t0)}.area.t2{fill:var(--t2)}
.f0{fill:var(--t0)}.f1{fill:var(--t1)}.f2{fill:var(--t2)}.f3{fill:var(--t3)}
.pos{fill:rgb(var(--gain))}.neg{fill:rgb(var(--loss))}
.total{stroke:var(--ink);stroke-width:2.5}
.cursor{stroke:var(--ink);stroke-width:1;opacity:.55}
.tip{position:absolute;top:4px;pointer-events:none;background:var(--paper);border:1px solid var(--rule);box-shadow:0 2px 8px rgba(0,0,0,.14);padding:5px 9px;font-size:12px;line-height:1.45;white-space:pre}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{padding:5px 10px 5px 0;text-align:left;border-bottom:1px solid var(--grid);vertical-align:baseline}
thead th{font-size:12px;font-weight:600;color:var(--soft);border-bottom:1px solid var(--faint);white-space:nowrap}
tbody th{font-weight:500}
td.n,th.n{text-align:right;white-space:nowrap;padding-right:22px}td.n:last-child,th.n:last-child{padding-right:0}
td.note{color:var(--soft)}td.fact{overflow-wrap:anywhere}td.loss{color:rgb(var(--loss))}
tr.group th{padding-top:16px;font-weight:650;color:var(--soft);font-size:12px;border-bottom-color:var(--rule)}
.metrics td.n{font-weight:600}
.trades{font-size:12px}.trades td.n,.trades th.n{padding-right:12px}.trades td:not(.note),.trades th{white-space:nowrap}
abbr{text-decoration:none}
.heat{table-layout:fixed;min-width:640px}
.heat th,.heat td{text-align:right;padding:4px 7px;border:1px solid var(--paper)}
.heat th:first-child{text-align:left;padding-left:0;width:52px}.heat td.total{font-weight:650;border-left:6px solid var(--paper)}
.heat td,.pos,.neg,.badge,.tiles,.warnings{-webkit-print-color-adjust:exact;print-color-adjust:exact}
${shades()}
footer{margin-top:44px;padding-bottom:48px;color:var(--soft);font-size:13px}
footer p{border-top:1px solid var(--rule);padding-top:14px;max-width:none}
@media screen and (max-width:760px){.tiles{grid-template-columns:repeat(2,1fr)}.pair{display:block}main,header.page,footer{padding-left:16px;padding-right:16px}}
@page{size:A4;margin:15mm 14mm}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#111820;--soft:#46505d;--faint:#77818f;--rule:#d4d9df;--grid:#e6e9ed;--panel:#f6f8fa;
--t0:#1f5f99;--t1:#c2701c;--t2:#8d4a5d;--t3:#3f7f74;--gain:31,95,153;--loss:194,102,28;--warn:#fdf4e3;--warn-rule:#e3b75b;--badge:#8a4b00;--badge-paper:#fdf0d9;--on-gain:#fff;--on-loss:#111820}
body{font-size:10.5pt}main,header.page,footer{max-width:none;padding:0}header.page{padding-top:0}
h2,h3,.caption,.legend{break-after:avoid;break-inside:avoid}section{margin-top:20px;padding-top:10px;break-inside:avoid}
section:has(.trades),section:has(.metrics){break-inside:auto}
svg,.tiles,.warnings,.heat,tr{break-inside:avoid}.scroll{overflow:visible}svg.chart,.heat{min-width:0}
svg text{font-size:14px}svg text.small{font-size:11.5px}svg text.name{font-size:15px}
table{font-size:8.5pt}.trades{font-size:6.6pt}.trades th,.trades td{padding:2px 5px 2px 0}.heat{font-size:7.8pt}.heat th,.heat td{padding:3px 4px}
thead{display:table-header-group}.tip,.cursor{display:none}
}
`;

/**
 * Shows the values under the pointer. The page is complete without it: the numbers come ready made from `data-readout`,
 * and the text goes in as text, never as markup.
 */
export const SCRIPT = `
for(const svg of document.querySelectorAll('svg[data-readout]')){
const data=JSON.parse(svg.dataset.readout||'null');if(!data||!data.rows.length)continue;
const box=svg.parentElement,tip=document.createElement('div'),line=document.createElementNS('http://www.w3.org/2000/svg','line');
tip.className='tip';line.setAttribute('class','cursor');const [,,width,height]=svg.getAttribute('viewBox').split(' ').map(Number);
line.setAttribute('y1','10');line.setAttribute('y2',String(height-26));
svg.addEventListener('pointermove',(event)=>{
const place=svg.getBoundingClientRect(),at=(event.clientX-place.left)*width/place.width;
let low=0,high=data.rows.length-1;while(high-low>1){const middle=(low+high)>>1;if(data.rows[middle][0]<at)low=middle;else high=middle}
const row=at-data.rows[low][0]<data.rows[high][0]-at?data.rows[low]:data.rows[high];
line.setAttribute('x1',row[0]);line.setAttribute('x2',row[0]);
tip.textContent=[row[1]].concat(data.names.map((name,i)=>name+'  '+row[i+2])).join('\\n');
if(!tip.isConnected){box.append(tip);svg.append(line)}
const x=row[0]*place.width/width;tip.style.left=(row[0]>width/2?Math.max(0,x-tip.offsetWidth-12):x+12)+'px';
});
svg.addEventListener('pointerleave',()=>{tip.remove();line.remove()});
}
`;

/** Five depths of gain and of loss; on the deepest the text takes the color that can be read on them. */
function shades(): string {
  const depth = [0.09, 0.22, 0.38, 0.52, 0.88];
  const grounds = depth.map(
    (alpha, i) => `.h${i + 1}{background:rgba(var(--gain),${alpha})}.l${i + 1}{background:rgba(var(--loss),${alpha})}`,
  );
  return `${grounds.join('')}.h5{color:var(--on-gain)}.l5{color:var(--on-loss)}`;
}
