/** @file Markdown to HTML: headings with GitHub's anchors, equations by KaTeX, coloured code, links of the site. */
import { tex } from '@mdit/plugin-tex';
import katex from 'katex';
import MarkdownIt from 'markdown-it';
import anchor from 'markdown-it-anchor';
import { highlight } from './highlight.ts';
import type { Links } from './links.ts';
import type { Page } from './pages.ts';

export interface Heading {
  /** 1 to 6 */
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
}

/** A heading with the text up to the next one. */
export interface Section extends Heading {
  readonly content: string;
}

export interface RenderedPage {
  readonly html: string;
  readonly sections: readonly Section[];
}

/** As GitHub makes them; a second heading of the same text gets -1 and so on. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** @returns a function that throws an Error naming the page for a dead link or an equation that KaTeX refuses */
export function createRenderer(links: Links): (page: Page) => RenderedPage {
  const markdown = new MarkdownIt({ highlight: (code, language) => highlight(code, language) });
  markdown.use(tex, {
    render: (content, displayMode) =>
      katex.renderToString(content.trim(), { displayMode, strict: 'error', trust: false }),
  });
  markdown.use(anchor, {
    slugify: slugOf,
    uniqueSlugStartIndex: 1,
    tabIndex: false,
    permalink: anchor.permalink.headerLink({ safariReaderFix: true }),
  });
  const { rules } = markdown.renderer;
  rules.table_open = () => '<div class="scroll"><table>\n';
  rules.table_close = () => '</table></div>\n';

  return (page) => {
    try {
      const tokens = markdown.parse(page.text, {});
      for (const token of tokens) if (token.children) rewriteLinks(token.children, page, links);
      return { html: markdown.renderer.render(tokens, markdown.options, {}), sections: sectionsOf(tokens) };
    } catch (error) {
      throw new Error(`${page.source}: ${(error as Error).message}`, { cause: error });
    }
  };
}

type Token = ReturnType<MarkdownIt['parse']>[number];

function rewriteLinks(tokens: readonly Token[], page: Page, links: Links): void {
  for (const token of tokens) {
    const attribute = token.type === 'link_open' ? 'href' : token.type === 'image' ? 'src' : undefined;
    if (attribute) token.attrSet(attribute, links.resolve(page.source, String(token.attrGet(attribute))));
    if (token.type === 'image') token.attrSet('loading', 'lazy');
  }
}

function sectionsOf(tokens: readonly Token[]): Section[] {
  const sections: (Heading & { content: string })[] = [];
  for (const [position, token] of tokens.entries()) {
    if (token.type === 'heading_open')
      sections.push({
        level: Number(token.tag.slice(1)),
        text: plainText(tokens[position + 1]),
        anchor: String(token.attrGet('id')),
        content: '',
      });
    else if (token.type === 'inline' && tokens[position - 1]?.type !== 'heading_open') {
      const section = sections.at(-1);
      if (section) section.content += `${plainText(token)} `;
    }
  }
  return sections;
}

function plainText(token: Token): string {
  const kinds = ['text', 'code_inline', 'softbreak'];
  return (token.children ?? [])
    .filter(({ type }) => kinds.includes(type))
    .map(({ type, content }) => (type === 'softbreak' ? ' ' : content))
    .join('');
}
