package dev.tenon.op.text;

/** Reads single code points of UTF-8 as the Unicode standard defines it (table 3-7: no overlong forms, no surrogates). */
final class Utf8 {
    private static final int CONTINUATION_BITS = 6;
    private static final int CONTINUATION_MASK = 0x3F;

    private Utf8() {}

    /** The number of bytes of the code point that begins at a place, 1 to 4; 0 if none begins there. */
    static int length(byte[] utf8, int at) {
        int first = utf8[at] & 0xFF;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        if (length == 0 || at + length > utf8.length) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((utf8[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        int second = utf8[at + 1] & 0xFF;
        boolean wellFormed =
                switch (first) {
                    case 0xE0 -> second >= 0xA0;
                    case 0xED -> second < 0xA0;
                    case 0xF0 -> second >= 0x90;
                    case 0xF4 -> second < 0x90;
                    default -> true;
                };
        return wellFormed ? length : 0;
    }

    /** The code point that begins at a place and has a number of bytes. */
    static int codePoint(byte[] utf8, int at, int length) {
        if (length == 1) {
            return utf8[at];
        }
        int c = utf8[at] & 0x7F >> length;
        for (int i = 1; i < length; i++) {
            c = c << CONTINUATION_BITS | utf8[at + i] & CONTINUATION_MASK;
        }
        return c;
    }
}
