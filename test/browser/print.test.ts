// Pages on paper.
import { expect } from 'chai';
import { inBrowser } from '../helpers/browser.js';
import { useApp } from '../helpers/use-app.js';

inBrowser('a printed page', ({ open }) => {
  const suite = useApp();
  const print = async (path: string) => {
    const page = await open(suite.url + path, { colorScheme: 'dark', viewport: { width: 794, height: 1123 } });
    await page.emulateMedia({ media: 'print' });
    return page;
  };

  it('has the query and the results, without form, navigation and buttons', async () => {
    const page = await print('/?term=whale&dictionary=moby-dick');
    for (const selector of ['form', 'nav', 'footer', 'button', '.views', '.curl'])
      for (const element of await page.locator(selector).all())
        expect(await element.isVisible(), selector).to.equal(false);
    expect(await page.getByText('whale – grepd').isVisible()).to.equal(true);
    expect(await page.getByText('737 lines of moby-dick').isVisible()).to.equal(true);
    expect(await page.locator('.entries > li').first().isVisible()).to.equal(true);
    expect(await page.locator('.strips li').filter({ visible: true }).count()).to.equal(20);
  });

  it('is black on white, and links are not underlined', async () => {
    const page = await print('/d/moby-dick/chapter-001.txt');
    const styles = await page.evaluate(`[
      getComputedStyle(document.body).color,
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.querySelector('main a')).textDecorationLine,
    ]`);
    expect(styles).to.deep.equal(['rgb(0, 0, 0)', 'rgb(255, 255, 255)', 'none']);
    expect(await page.locator('.lines li').first().isVisible()).to.equal(true);
  });
});
