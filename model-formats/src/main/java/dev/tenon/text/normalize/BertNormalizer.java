package dev.tenon.text.normalize;

import dev.tenon.text.stage.AlignedText;
import dev.tenon.text.stage.TextNormalizer;
import dev.tenon.text.unicode.CharacterClasses;

/**
 * The BERT normalizer. Its steps have the order of the reference implementation: clean, separate ideographs, strip
 * accents, convert to lower case. Immutable.
 *
 * @param cleanText whether control characters are removed and white space is replaced by spaces
 * @param separateIdeographs whether each ideograph gets a space on both sides
 * @param stripAccents whether text is decomposed (NFD) and nonspacing marks are removed
 * @param lowerCase whether text is converted to lower case
 */
public record BertNormalizer(boolean cleanText, boolean separateIdeographs, boolean stripAccents, boolean lowerCase)
        implements TextNormalizer {
    /** Nothing below this code point decomposes, is an ideograph, or is a mark. */
    private static final int PLAIN = 0x80;

    @Override
    public void normalize(AlignedText text) {
        if (isPlain(text)) {
            normalizePlain(text);
            return;
        }
        if (cleanText) {
            text.filter(c -> !CharacterClasses.isRemoved(c));
            text.map(c -> CharacterClasses.isWhiteSpace(c) ? ' ' : c);
        }
        if (separateIdeographs) {
            Transforms.expand(text, (c, out) -> {
                if (CharacterClasses.isIdeograph(c)) {
                    out.add(' ', 0);
                    out.add(c, 1);
                    out.add(' ', 1);
                } else {
                    out.add(c, 0);
                }
            });
        }
        if (stripAccents) {
            UnicodeForm.NFD.normalize(text);
            text.filter(c -> !CharacterClasses.isNonspacingMark(c));
        }
        if (lowerCase) {
            Transforms.lowerCase(text);
        }
    }

    private static boolean isPlain(AlignedText text) {
        int[] all = text.codePoints();
        for (int i = 0; i < text.length(); i++) {
            if (all[i] >= PLAIN) {
                return false;
            }
        }
        return true;
    }

    private void normalizePlain(AlignedText text) {
        if (cleanText) {
            text.filter(c -> !CharacterClasses.isRemoved(c));
        }
        if (cleanText || lowerCase) {
            text.map(c -> {
                if (c >= 'A' && c <= 'Z') {
                    return lowerCase ? c + 'a' - 'A' : c;
                }
                return cleanText && c <= '\r' && c >= '\t' ? ' ' : c;
            });
        }
    }
}
