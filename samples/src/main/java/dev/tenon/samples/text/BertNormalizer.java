package dev.tenon.samples.text;

import java.text.Normalizer;

/**
 * The BERT normalizer, in the reference's order: clean, set ideographs apart, strip accents, lower the case. Immutable.
 *
 * @param cleanText whether control characters go and white space becomes the space
 * @param separateIdeographs whether a space is put on either side of every ideograph
 * @param stripAccents whether text is decomposed (NFD) and loses its nonspacing marks
 * @param lowerCase whether text is put in lower case
 */
record BertNormalizer(boolean cleanText, boolean separateIdeographs, boolean stripAccents, boolean lowerCase) {
    // The JDK sorts a run of marks by insertion, in quadratic time, so longer runs are cut. Order across a cut can only
    // differ from the standard's for spacing marks (the others are removed) that lie in a run this long.
    private static final int LONGEST_MARK_RUN = 512;

    /**
     * Normalizes a part of a text.
     *
     * @param text well-formed UTF-16
     * @param from index of the first code unit
     * @param to index past the last one
     * @return the normalized text, the caller's own
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

    // A code point that decomposition leaves alone is a starter, so what lies on either side of it can be decomposed
    // apart.
    private static String decompose(String text) {
        StringBuilder out = null;
        int done = 0;
        int marks = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int next = i + Character.charCount(c);
            boolean plain = BertCharacters.isPlainToNormalization(c);
            marks = !plain && isMark(c) ? marks + 1 : 0;
            if (plain || marks == LONGEST_MARK_RUN) {
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
