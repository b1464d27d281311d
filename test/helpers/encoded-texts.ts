// Texts in many encodings.

const LATIN = 'äöüßéèàçñåøÆÉ';
const CYRILLIC = 'жизньЛюбовьщъэё';

/** Letters that each encoding has. */
export const LETTERS: Record<string, string> = {
  'utf-16le': `${LATIN}${CYRILLIC}漢字日本語😀𝒳`,
  'utf-16be': `${LATIN}${CYRILLIC}漢字日本語😀𝒳`,
  latin1: LATIN,
  'iso-8859-2': 'zażółćgęśląjaźńčšěř',
  'iso-8859-5': CYRILLIC,
  'iso-8859-7': 'αγάπηΜίσοςώ',
  'iso-8859-9': 'ğışİöüç',
  'iso-8859-15': `${LATIN}€œŒŠž`,
  'windows-1250': 'zażółćgęśląjaźńčšěř„”',
  'windows-1251': `${CYRILLIC}„”`,
  'windows-1252': `${LATIN}“”‘’€…`,
  'windows-1253': 'αγάπηΜίσοςώ',
  'windows-1254': 'ğışİöüç“”',
  'windows-1255': 'אהבהשלום',
  'windows-1256': 'حبسلام',
  'windows-1257': 'āēīūčšžķļņģ',
  'windows-1258': 'àáâơưđ',
  'koi8-r': 'жизньЛюбовьщъэё',
  'koi8-u': 'любовьїєіґ',
  shift_jis: '愛は漢字日本語カタカナ。ソ表',
  'euc-jp': '愛は漢字日本語カタカナ。ソ表',
  gb18030: '爱学而时习之，不亦说乎？ü😀𠀀',
  gbk: '爱学而时习之，不亦说乎？',
  big5: '愛學而時習之，不亦說乎？功許',
  'euc-kr': '사랑나라말씀',
};

/** Divides bytes into chunks of these lengths, then the rest. */
export function split(bytes: Buffer, lengths: Iterable<number>): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    if (at >= bytes.length) return chunks;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...chunks, bytes.subarray(at)];
}
