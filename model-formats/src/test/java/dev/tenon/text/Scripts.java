package dev.tenon.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts in many scripts: words, and characters of the Unicode blocks of a script, between others. */
final class Scripts {
    /** Words of a script, with white space between them, and a block of its characters. */
    private record Script(String words, int first, int last) {
        private Script {
            if (last < first) {
                throw new IllegalArgumentException("no block");
            }
        }
    }

    private static final List<Script> ALL = List.of(
            new Script("the Quick brown fox's jumping don't we'll HTTP naïve café résumé Zürich", 0x20, 0x24F),
            new Script("Σίσυφος λόγος ΑΘΗΝΑ ὈΔΥΣΣΕΎΣ μῆνιν", 0x370, 0x3FF),
            new Script("Русский текст ёлка ЙОД їжак", 0x400, 0x4FF),
            new Script("հայերեն լեզու և Երևան", 0x531, 0x58F),
            new Script("שלום עולם שָׁלוֹם ירושלים", 0x591, 0x5F4),
            new Script("العربية مرحبا مُحَمَّدٌ ١٢٣ نص", 0x600, 0x6FF),
            new Script("हिन्दी में वाक्य क़ ज़िंदगी", 0x900, 0x97F),
            new Script("বাংলা ভাষা কো কৌ", 0x980, 0x9FF),
            new Script("ਪੰਜਾਬੀ ਗੁਰਮੁਖੀ", 0xA01, 0xA76),
            new Script("தமிழ் மொழி கொ கௌ", 0xB82, 0xBFA),
            new Script("తెలుగు భాష", 0xC00, 0xC7F),
            new Script("മലയാളം ഭാഷ", 0xD00, 0xD7F),
            new Script("ภาษาไทย ไม่มีช่องว่าง ฿๕", 0xE01, 0xE5B),
            new Script("བོད་སྐད། ཀྵ", 0xF00, 0xFDA),
            new Script("မြန်မာ ဘာသာ", 0x1000, 0x109F),
            new Script("ქართული ენა ᲥᲐᲠᲗᲣᲚᲘ", 0x10A0, 0x10FF),
            new Script("한국어 문장입니다 \u1112\u1161\u11AB", 0xAC00, 0xD7A3),
            new Script("አማርኛ ቋንቋ", 0x1200, 0x139F),
            new Script("ខ្មែរ ភាសា", 0x1780, 0x17FF),
            new Script("日本語 カタカナ ひらがな か\u3099 ｶﾞ", 0x3041, 0x30FF),
            new Script("我爱北京天安门 機械学習 𠀀𪜀", 0x4E00, 0x9FFF),
            new Script("😀 👨\u200D👩\u200D👧 👍🏽 🇩🇪 ❤️ 1️⃣ 🏳️\u200D🌈", 0x1F300, 0x1FAFF),
            new Script("½ ² Ⅷ ﬁ ① Å ™ ㎏ ｆｕｌｌ 𝐀𝟏", 0x2070, 0x27BF));

    private static final String[] OTHERS = {
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\u00A0",
        "\u3000",
        "\u2028",
        ".",
        ",",
        "!?",
        "'s",
        "'LL",
        "\u2019t",
        "123",
        "4567",
        "3.14",
        "_",
        "-",
        "(",
        ")",
        "#",
        "<s>",
        "</s>",
        "[SEP]",
        "<|endoftext|>",
        "<unk>",
        "\u0301",
        "\u0316\u0301",
        "\u200D",
        "\u200B",
        "\uFE0F",
        "\u00AD",
        "\u0001",
        "\u007F",
        "\u0085",
        "\uFEFF",
        "\uFFFD",
        "\uE000",
        "\u0378",
        "\u2581",
        "\u0120",
        "<0x41>",
        "\u0345"
    };

    private Scripts() {}

    /** The number of scripts. */
    static int count() {
        return ALL.size();
    }

    /** A text of words and characters, most of them of the same script. */
    static String text(Random random, int script) {
        StringBuilder text = new StringBuilder();
        int parts = random.nextInt(1, random.nextInt(8) == 0 ? 60 : 14);
        for (int i = 0; i < parts; i++) {
            Script from = ALL.get(random.nextInt(5) == 0 ? random.nextInt(ALL.size()) : script);
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    String[] words = from.words().split(" ", -1);
                    text.append(words[random.nextInt(words.length)]);
                    text.append(random.nextInt(3) == 0 ? "" : " ");
                }
                case 3 -> text.appendCodePoint(random.nextInt(from.first(), from.last() + 1));
                case 4 -> text.append(OTHERS[random.nextInt(OTHERS.length)]);
                default -> {
                    int length = random.nextInt(1, 6);
                    for (int j = 0; j < length; j++) {
                        text.appendCodePoint(random.nextInt(from.first(), from.last() + 1));
                    }
                }
            }
        }
        return text.toString();
    }

    /** Texts of all scripts in turn. A twentieth has an unpaired surrogate. */
    static List<String> texts(Random random, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = text(random, i % ALL.size());
            texts.add(i % 20 == 7 ? text + (char) random.nextInt(0xD800, 0xE000) + "x" : text);
        }
        return texts;
    }
}
