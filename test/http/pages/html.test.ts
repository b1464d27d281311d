import { expect } from 'chai';
import { html, renderText } from '../../../src/http/pages/html.js';

describe('html', () => {
  it('escapes text and keeps Html, in arrays too', () => {
    const bold = html`<b>${'<i>'}</b>`;
    expect(html`<p title="${'"\'&'}">${bold}${['<', bold]}${5}</p>`.text).to.equal(
      '<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b>&lt;<b>&lt;i&gt;</b>5</p>',
    );
  });
});

describe('renderText', () => {
  it('renders text between backticks as code, and escapes everything', () => {
    expect(renderText('a < b: `x & y`.').text).to.equal('a &lt; b: <code>x &amp; y</code>.');
  });
});
