/**
 * The few pieces of SVG that a picture needs. Colours are classes, so that one file reads well on
 * light and on dark pages; everything that is text is escaped here.
 */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const SANS = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';
const MONO = 'SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

const STYLE = `
  text { font-size: 12px; font-family: ${SANS}; }
  .ink { fill: #1f2328; }
  .dim { fill: #59636e; }
  .title { font-size: 18px; font-weight: 600; }
  .strong { font-weight: 600; }
  .small { font-size: 11px; }
  .mono { font-family: ${MONO}; white-space: pre; }
  .end { text-anchor: end; }
  .ground { fill: #ffffff; }
  .band { fill: #f6f8fa; stroke: #d0d7de; }
  .agreed { fill: #a9cdb7; }
  .beyond { fill: #e4e8ec; }
  .disputed { fill: #d1242f; }
  .zoom { fill: #d1242f; fill-opacity: 0.13; }
  .wrong { fill: #d1242f; }
  .right { fill: #1a7f37; }
  .tick { stroke: #1f2328; }
  .challenger { fill: #0969da; }
  .defender { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    .ink { fill: #e6edf3; }
    .dim { fill: #9198a1; }
    .ground { fill: #0d1117; }
    .band { fill: #161b22; stroke: #30363d; }
    .agreed { fill: #2f6b4a; }
    .beyond { fill: #2b323b; }
    .disputed { fill: #f85149; }
    .zoom { fill: #f85149; fill-opacity: 0.2; }
    .wrong { fill: #ff7b72; }
    .right { fill: #56d364; }
    .tick { stroke: #e6edf3; }
    .challenger { fill: #58a6ff; }
    .defender { fill: #f0883e; }
  }`;

/** @param label what the picture shows, for those who cannot see it */
export function svgDocument(width: number, height: number, label: string, parts: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`,
    ` viewBox="0 0 ${width} ${height}" role="img">`,
    `\n<title>${escapeXml(label)}</title>\n<style>${STYLE}\n</style>\n`,
    rect({ x: 0, y: 0, width, height }, 'ground'),
    ...parts,
    '</svg>\n',
  ].join('');
}

export function rect({ x, y, width, height }: Box, className: string, radius = 0): string {
  const rounded = radius > 0 ? ` rx="${radius}"` : '';
  return (
    `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"` +
    `${rounded} class="${className}"/>\n`
  );
}

export function text(x: number, y: number, content: string, className = 'ink'): string {
  const place = `x="${number(x)}" y="${number(y)}"`;
  return `<text ${place} class="${className}" xml:space="preserve">${escapeXml(content)}</text>\n`;
}

/** The light that falls from a piece of one row on the whole of the next. */
export function beam(from: Box, to: Box): string {
  const top = from.y + from.height;
  const corners = [
    [from.x, top],
    [from.x + from.width, top],
    [to.x + to.width, to.y],
    [to.x, to.y],
  ];
  const points = corners.map(([x = 0, y = 0]) => `${number(x)},${number(y)}`).join(' ');
  return `<polygon points="${points}" class="zoom"/>\n`;
}

export function verticalLine(x: number, y: number, height: number, className: string): string {
  return `<path d="M${number(x)} ${number(y)}v${number(height)}" class="${className}"/>\n`;
}

/** Text cut to a width, as far as that can be known without the font. */
export function cutTo(content: string, width: number, perCharacter = 6.6): string {
  const room = Math.floor(width / perCharacter);
  const characters = [...content];
  return characters.length <= room ? content : `${characters.slice(0, room - 1).join('')}…`;
}

function number(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}

function escapeXml(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(CONTROL, ' ');
}

/** What XML 1.0 has no place for, not even escaped. */
const CONTROL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
