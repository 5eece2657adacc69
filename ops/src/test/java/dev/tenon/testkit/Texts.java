package dev.tenon.testkit;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** Texts with which tokenizers, and whatever else looks at characters, have difficulties. */
public final class Texts {
    private static final String[] PLAIN = {
        "",
        " ",
        "      ",
        "\t\n\r",
        "\u00A0",
        "\u3000\u2003",
        "a",
        ".",
        "A man is eating food.",
        "The quick brown fox jumps over the lazy dog",
        "unaffable embeddings tokenization",
        "Hello, World! How's it going?",
        "don't can't won't it's we'll",
        "2024-01-31T23:59:59Z 3.14159 1,000,000 50% $5 #1 a@b.co",
        "http://example.org/path?query=1&other=two#part",
        "snake_case camelCase kebab-case SCREAMING_CASE",
        "C++ C# .NET f(x) = x^2 + 1; if (a < b && c > d) { return a | b; }",
        "~`!@#$%^&*()_-+={[}]|\\:;\"'<,>.?/",
        "...---...!!!???",
        "«guillemets» „German“ “English” ‘single’ ‚low’ ‹one›",
        "em—dash en–dash minus− hyphen‐ nonbreaking‑ figure‒ bar― horizontal",
        "ellipsis… bullet• dagger† section§ pilcrow¶ per‰ prime′ ⁂ ‽ ⸘",
        "¡Hola! ¿Qué tal?",
        "½ ¼ ² ³ ¹ ª º µ ± × ÷ ¬ © ® ™ ° € £ ¥ ¢",
        "→ ← ↑ ↓ ⇒ ∀ ∃ ∈ ∑ ∏ ∫ √ ∞ ≠ ≤ ≥ ≈ ⊂",
        "\u226E \u2260 \u220C",
        "│ ┌ ┐ █ ▓ ░ ● ○ ★ ☆ ♠ ♥ ♪",
        "$+<=>^`|~",
        "word.word,word;word:word",
        "a.b.c.d",
        "(parenthesised)[bracketed]{braced}",
    };

    private static final String[] ACCENTS = {
        "café résumé naïve façade Zürich Ångström",
        "cafe\u0301 re\u0301sume\u0301 nai\u0308ve fac\u0327ade",
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞß",
        "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ",
        "ĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚě",
        "Łódź Kraków Żółw gęś jaźń",
        "Příliš žluťoučký kůň úpěl ďábelské ódy",
        "Việt Nam Nguyễn Phở bò tái",
        "Vie\u0323\u0302t Nam Nguye\u0302\u0303n",
        "ẛ̣ ṩ ộ",
        "Straße STRASSE ẞ groß",
        "İstanbul Iğdır ıslak İİ I\u0307",
        "Diyarbakır'da İ'nin",
        "ǅ ǆ Ǆ ǈ ǉ ǋ ǌ ǲ",
        "ﬁnd ﬂow oﬃce ﬀ ﬃ ﬄ ﬅ ﬆ",
        "ĳ Ĳ œ Œ æ Æ",
        "\u212B \u2126 \u212A Kelvin",
        "Σίσυφος ΣΑΣ ὈΔΥΣΣΕΎΣ ᾳ ᾼ ΐ",
        "ΌΣΟΣ ΟΔΟΣ. ΟΔΟΣ'",
        "Ёлка Йод ёж й Ї ї Ў",
        "И\u0306 и\u0306 Е\u0308",
        "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307b",
        "Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319A\u0348\u0316L\u0334\u034DG\u0321\u0353O",
        "\u0301leading mark",
        "\u0301",
        "a\u20DD enclosed \u20E3 1\uFE0F\u20E3",
        "a\u0327\u0301 a\u0301\u0327",
        "\u0344 \u0345 \u0F73 \u0F75 \u0F81",
        "ⒶⒷⒸ ⓐⓑⓒ ①②③ Ⅷ ⅷ",
        "ＦＵＬＬＷＩＤＴＨ ｆｕｌｌ １２３ ！？（）",
        "𝐀𝐁𝐂 𝒶𝒷𝒸 𝔸𝔹ℂ 𝟏𝟐𝟑",
        "Ꭰ Ꮳ ꭰ Ა ა Ꙑ Ⲁ Ⰰ",
        "𐐀𐐁 𐐨𐐩 𞤀𞤁 𞤢",
        "\u1E9E \u0149 \u01F0 \u0390 \u1FB3",
    };

    private static final String[] SCRIPTS = {
        "我爱北京天安门",
        "中文English混合text测试",
        "機械学習は面白い。",
        "日本語のテキスト、カタカナとひらがな",
        "カﾞｷﾞ ｶﾀｶﾅ ガギグゲゴ",
        "か\u3099き\u3099 パ ハ\u309A ヷ ヺ",
        "〆 々 〇 ㊙ ㍿ ㌔ ゛゜ ー",
        "한국어 문장입니다.",
        "\u1112\u1161\u11AB\u1100\u116E\u11A8",
        "각 갂 힣 가 ㄱ ㅏ ㅎ",
        "ㄅㄆㄇ ㄱㄴㄷ",
        "𠀀𠀁 𪜀 𫝀 𫠝 \uD86E\uDC20 \uD86E\uDD20 𬺰 \uD87E\uDC00",
        "豈更車 \uFA0E \uFA70 \uFAD9",
        "龥龦鿿㐀䶿䶵",
        "العربية نص تجريبي، مرحبا؟",
        "مُحَمَّدٌ رَسُولُ",
        "عَرَبِيّ ١٢٣ ۱۲۳",
        "\u202Bשלום עולם\u202C שָׁלוֹם",
        "שּׁ יִ ﬡ ﭏ",
        "abc\u200Fאבג\u200Eabc",
        "हिन्दी में वाक्य। क़ ख़ ड़",
        "বাংলা ভাষা কো কৌ",
        "தமிழ் மொழி கொ கௌ",
        "తెలుగు ಕನ್ನಡ മലയാളം සිංහල",
        "ภาษาไทย ไม่มีช่องว่าง ฿",
        "ພາສາລາວ မြန်မာ ខ្មែរ",
        "བོད་སྐད། ཀྵ",
        "ქართული ენა ᲥᲐᲠᲗᲣᲚᲘ",
        "հայերեն լեզու։ և",
        "አማርኛ ቋንቋ።",
        "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ᠂\u180E",
        "ᮃᮊ᮪ ᬅᬂ ꦏ꧀",
        "Русский текст с ошибками",
        "Українська мова: ґанок, їжак",
        "ΑΒΓ αβγ άέή Ώ ϓ ϔ",
        "ᚠᚢᚦ ⠓⠑⠇⠇⠕ 𓀀𓁐 𒀀 𐎠",
        "ᏣᎳᎩ ᐃᓄᒃᑎᑐᑦ ꓐꓑ ⵜⵉⴼⵉⵏⴰⵖ",
        "mixедcyrillic lаtin",
        "日本語abc한국어абвעברית",
        "word中word",
        "1中2国3",
        "。、「」『』【】〜・",
        "\u166D \u1C7E \u2E3A \u2E52 \u2E5D",
        "\u08D4 \u08E1 \u1AC0 \u1DF6 \u1734 \u0B55 \uD806\uDCF1",
        "\u30FB\uFF65 \u2018\u2019",
    };

    private static final String[] EMOJI = {
        "😀 😃 😄",
        "hello😀world",
        "👨\u200D👩\u200D👧\u200D👦 family",
        "👍🏽 👍🏿 ✊🏻",
        "❤️ ❤ ☎️ ☎ ✈︎",
        "🇩🇪🇫🇷🇯🇵",
        "🏴\uDB40\uDC67\uDB40\uDC62\uDB40\uDC65\uDB40\uDC6E\uDB40\uDC67\uDB40\uDC7F",
        "1️⃣ #️⃣ *️⃣",
        "🏳️\u200D🌈 🧑\u200D💻",
        "😀😀😀😀😀",
        "🫠 🫡 🪿 🩷",
        "a\uFE0Fb a\uFE00b \uDB40\uDD00x",
        "©️ ™️ ‼️ ⁉️",
    };

    private static final String[] INVISIBLE = {
        "a\u0000b",
        "\u0000",
        "a\u0001\u0002\u0003b \u001B[31mred\u001B[0m",
        "a\u007Fb a\u0080b a\u0085b a\u009Fb",
        "a\u000Bb a\u000Cb a\u001Cb a\u001Fb",
        "tab\tnew\nline\rreturn\r\nend",
        "zero\u200Bwidth\u200Cnon\u200Djoiner\u2060word\uFEFFbom",
        "\uFEFFstarts with a mark",
        "soft\u00ADhyphen",
        "nbsp\u00A0here narrow\u202Fhere figure\u2007here",
        "en\u2000em\u2001x\u2002y\u2003z\u2004a\u2005b\u2006c\u2008d\u2009e\u200Af",
        "line\u2028separator paragraph\u2029separator",
        "ideographic\u3000space ogham\u1680space math\u205Fspace",
        "\u202Aembedding\u202C \u2066isolate\u2069",
        "replacement \uFFFD character a\uFFFDb",
        "not a character \uFFFE \uFFFF \uFDD0 x\uFFFFy",
        "private \uE000 x\uF8FFy \uDB80\uDC00 \uDBFF\uDFFD",
        "unassigned \u0378 x\u0378y \uD83F\uDFFE",
        "annotation\uFFF9a\uFFFAb\uFFFB object\uFFFCx",
        "combining\u034Fgrapheme\u034Fjoiner",
        "\u0600\u0601 \u06DD \u070F \u08E2 \u0890",
        "\uD834\uDD73 \uD82F\uDCA0 \uD804\uDCBD \uD804\uDCCD \uD80D\uDC30",
        "hangul filler \u3164 \u115F \u1160 \uFFA0",
        "braille blank \u2800 x",
    };

    private static final String[] SPECIAL = {
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "[PAD]",
        "[UNK]",
        "[CLS] hello [SEP]",
        "hello[SEP]world",
        "[MASK]x",
        "x[MASK]",
        "the [MASK] sat on the [MASK].",
        "[SEP][SEP][CLS][PAD]",
        "[sep] [Mask] [ SEP ] [SEP",
        "SEP] [[SEP]] [CLS]]",
        "[unused0] [unused99]",
        "   [SEP]   ",
        "[SEP]\u0301",
        "[S\u0301EP] [\u200BSEP] [SEP\u200B]",
        "中[SEP]国",
        "[PAD] in a text [PAD]",
        "##ing ##s # ## ###",
        "##",
        "<s> </s> <pad> <mask> <unk>",
        "[CLS",
        "[MASK][MASK",
    };

    private Texts() {}

    /** {@return more than 200 different texts} */
    public static List<String> all() {
        Set<String> texts = new LinkedHashSet<>();
        for (String[] group : List.of(PLAIN, ACCENTS, SCRIPTS, EMOJI, INVISIBLE, SPECIAL)) {
            texts.addAll(List.of(group));
        }
        for (int length : new int[] {1, 2, 98, 99, 100, 101, 102, 199, 200, 201, 1000}) {
            texts.add("a".repeat(length));
            texts.add("é".repeat(length));
            texts.add("x" + "\uD83D\uDE00".repeat(length - 1) + " end");
        }
        texts.add("x" + "\u0301".repeat(150) + " y");
        texts.add("e\u0301".repeat(100) + " f");
        texts.add("word" + "\u200B".repeat(120) + "word");
        texts.add("x" + "\u0316\u0301".repeat(700) + "y");
        for (int words : new int[] {124, 125, 126, 127, 128, 129, 253, 254, 255, 256, 257, 300, 1000}) {
            texts.add("word ".repeat(words).strip());
            texts.add("unaffable tokenization ".repeat(words / 4) + "end");
            texts.add("字".repeat(words));
        }
        texts.add("many [SEP] tokens, ".repeat(100));
        texts.add("Ünïcödé über alles — naïve façade; ".repeat(40));
        texts.add("!?".repeat(200));
        return List.copyOf(texts);
    }

    /**
     * A random text of special code points and words of the vocabulary of BERT.
     *
     * @param random decides
     * @return the text
     */
    public static String random(Random random) {
        String[] words = {
            "the", "Embedding", "unaffable", "[SEP]", "[MASK]", "É", "中", "##s", "한국", "don't", "ǅ", "İ", "ß", "がｶﾞ"
        };
        StringBuilder text = new StringBuilder();
        int parts = random.nextInt(1, random.nextInt(10) == 0 ? 200 : 24);
        for (int i = 0; i < parts; i++) {
            switch (random.nextInt(12)) {
                case 0, 1 -> text.append(words[random.nextInt(words.length)]);
                case 2, 3 -> text.append(' ');
                case 4 -> text.appendCodePoint(random.nextInt(0x21, 0x7F));
                case 5 -> text.appendCodePoint(random.nextInt(0x80, 0x250));
                case 6 -> text.appendCodePoint(random.nextInt(0x300, 0x370));
                case 7 -> text.appendCodePoint(random.nextInt(0x370, 0x2000));
                case 8 -> text.appendCodePoint(random.nextInt(0x2000, 0x2C00));
                case 9 -> text.appendCodePoint(random.nextInt(0x2E80, 0xD800));
                case 10 -> text.appendCodePoint(random.nextInt(0xE000, 0x12000));
                default -> text.appendCodePoint(random.nextInt(0x1B000, 0x31000));
            }
        }
        return text.toString();
    }

    /**
     * A text with U+FFFD for each unpaired surrogate.
     *
     * @param text any text
     * @return the text that UTF-8 can hold
     */
    public static String wellFormed(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .forEach(c ->
                        out.appendCodePoint(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c));
        return out.toString();
    }

    /**
     * A text in ASCII, with escapes, for messages.
     *
     * @param text any text
     * @return the text in quotes
     */
    public static String escaped(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7F) {
                out.append(c);
            } else {
                out.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
            }
        }
        return out.append('"').toString();
    }
}
