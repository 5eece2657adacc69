package dev.tenon.text.normalize;

import dev.tenon.text.stage.Changes;
import java.util.Arrays;

/**
 * The characters that stand for bytes in vocabularies of GPT-2 and its successors: visible characters of Latin-1 for
 * themselves, and U+0100 and following for the others.
 */
public final class ByteCharacters {
    private static final int COUNT = 256;
    private static final char[] CHARACTERS = new char[COUNT];
    private static final short[] BYTES = new short[2 * COUNT];

    static {
        int next = COUNT;
        for (int b = 0; b < COUNT; b++) {
            boolean visible = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            CHARACTERS[b] = (char) (visible ? b : next++);
        }
        Arrays.fill(BYTES, (short) -1);
        for (int b = 0; b < COUNT; b++) {
            BYTES[CHARACTERS[b]] = (short) b;
        }
    }

    private ByteCharacters() {}

    /** {@return the character of a space} */
    public static int space() {
        return CHARACTERS[' '];
    }

    /**
     * The byte that a character stands for.
     *
     * @param c any code point
     * @return the byte, 0 to 255, or -1 if it stands for none
     */
    public static int byteOf(int c) {
        return c < BYTES.length ? BYTES[c] : -1;
    }

    /**
     * The character of a byte.
     *
     * @param b the byte, 0 to 255
     * @return the character
     */
    public static char character(int b) {
        return CHARACTERS[b];
    }

    /**
     * Replaces a code point by the characters of its bytes in UTF-8.
     *
     * @param c the code point
     * @param out receives them
     */
    public static void expand(int c, Changes out) {
        if (c < 0x80) {
            out.add(CHARACTERS[c], 0);
        } else if (c < 0x800) {
            out.add(CHARACTERS[0xC0 | c >>> 6], 0);
            out.add(CHARACTERS[0x80 | c & 0x3F], 1);
        } else if (c < 0x10000) {
            out.add(CHARACTERS[0xE0 | c >>> 12], 0);
            out.add(CHARACTERS[0x80 | c >>> 6 & 0x3F], 1);
            out.add(CHARACTERS[0x80 | c & 0x3F], 1);
        } else {
            out.add(CHARACTERS[0xF0 | c >>> 18], 0);
            out.add(CHARACTERS[0x80 | c >>> 12 & 0x3F], 1);
            out.add(CHARACTERS[0x80 | c >>> 6 & 0x3F], 1);
            out.add(CHARACTERS[0x80 | c & 0x3F], 1);
        }
    }
}
