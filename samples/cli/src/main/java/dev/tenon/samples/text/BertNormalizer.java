package dev.tenon.samples.text;

import java.text.Normalizer;

/**
 * The BERT normalizer. Its steps have the order of the reference implementation: clean, separate ideographs, strip
 * accents, convert to lower case. Immutable.
 *
 * @param cleanText whether control characters are removed and white space is replaced by spaces
 * @param separateIdeographs whether each ideograph gets a space on both sides
 * @param stripAccents whether text is decomposed (NFD) and nonspacing marks are removed
 * @param lowerCase whether text is converted to lower case
 */
record BertNormalizer(boolean cleanText, boolean separateIdeographs, boolean stripAccents, boolean lowerCase) {
    // The JDK sorts a run of marks in quadratic time, so longer runs are cut. At a cut the order can differ from that
    // of the standard, but only for spacing marks in a run of this length, because the other marks are removed.
    private static final int MAX_MARK_RUN = 512;

    /**
     * Normalizes a part of a text.
     *
     * @param text well-formed UTF-16
     * @param from the index of the first code unit
     * @param to the index after the last code unit
     * @return the normalized text, which belongs to the caller
     */
    Chars normalize(char[] text, int from, int to) {
        Chars cleaned = new Chars(to - from + 16);
        int highest = 0;
        for (int i = from; i < to; ) {
            int c = Character.codePointAt(text, i, to);
            i += Character.charCount(c);
            if (cleanText) {
                if (BertCharacters.isRemoved(c)) {
                    continue;
                }
                if (BertCharacters.isWhiteSpace(c)) {
                    c = ' ';
                }
            }
            highest = Math.max(highest, c);
            if (separateIdeographs && BertCharacters.isIdeograph(c)) {
                cleaned.append(' ');
                cleaned.appendCodePoint(c);
                cleaned.append(' ');
            } else {
                cleaned.appendCodePoint(c);
            }
        }
        // Nothing below U+00C0 decomposes or is a mark.
        boolean strip = stripAccents && highest >= 0xC0;
        if (!strip && !lowerCase) {
            return cleaned;
        }
        if (!strip) {
            return finish(cleaned.array(), cleaned.length(), false);
        }
        char[] decomposed = decompose(cleaned.toString()).toCharArray();
        return finish(decomposed, decomposed.length, true);
    }

    private Chars finish(char[] text, int length, boolean strip) {
        Chars out = new Chars(length);
        for (int i = 0; i < length; ) {
            int c = Character.codePointAt(text, i, length);
            i += Character.charCount(c);
            if (strip && BertCharacters.isNonspacingMark(c)) {
                continue;
            }
            if (lowerCase) {
                BertCharacters.appendLowerCase(c, out);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out;
    }

    // A code point that decomposition leaves unchanged is a starter, so the text before it and the text after it can be
    // decomposed separately.
    private static String decompose(String text) {
        StringBuilder out = null;
        int done = 0;
        int marks = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int next = i + Character.charCount(c);
            boolean plain = BertCharacters.isPlainToNormalization(c);
            marks = !plain && isMark(c) ? marks + 1 : 0;
            if (plain || marks == MAX_MARK_RUN) {
                if (out == null) {
                    out = new StringBuilder(text.length() + text.length() / 2);
                }
                out.append(Normalizer.normalize(text.substring(done, plain ? i : next), Normalizer.Form.NFD));
                if (plain) {
                    out.appendCodePoint(c);
                }
                done = next;
                marks = 0;
            }
            i = next;
        }
        if (out == null) {
            return Normalizer.normalize(text, Normalizer.Form.NFD);
        }
        return out.append(Normalizer.normalize(text.substring(done), Normalizer.Form.NFD))
                .toString();
    }

    private static boolean isMark(int c) {
        if (c < 0x300) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
            default -> false;
        };
    }
}
