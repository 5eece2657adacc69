package dev.tenon.text.normalize;

import dev.tenon.text.stage.AlignedText;
import dev.tenon.text.stage.Finder;
import dev.tenon.text.stage.Spans;
import dev.tenon.text.stage.TextNormalizer;
import dev.tenon.text.unicode.CharacterClasses;
import java.util.List;

/** The normalizers that need few lines. */
public final class Normalizers {
    private Normalizers() {}

    /** {@return a normalizer that changes nothing} */
    public static TextNormalizer none() {
        return text -> {};
    }

    /**
     * Several normalizers.
     *
     * @param parts the normalizers, in order
     * @return a normalizer that applies one after the other
     */
    public static TextNormalizer sequence(List<TextNormalizer> parts) {
        List<TextNormalizer> all = List.copyOf(parts);
        return text -> all.forEach(part -> part.normalize(text));
    }

    /** {@return a normalizer that converts to lower case} */
    public static TextNormalizer lowerCase() {
        return Transforms::lowerCase;
    }

    /**
     * Removes white space at the ends.
     *
     * @param left whether at the start
     * @param right whether at the end
     * @return the normalizer
     */
    public static TextNormalizer strip(boolean left, boolean right) {
        return text -> {
            int[] all = text.codePoints();
            int from = 0;
            int to = text.length();
            while (left && from < to && CharacterClasses.isWhiteSpace(all[from])) {
                from++;
            }
            while (right && to > from && CharacterClasses.isWhiteSpace(all[to - 1])) {
                to--;
            }
            text.keep(from, to);
        };
    }

    /** {@return a normalizer that removes marks} */
    public static TextNormalizer stripAccents() {
        return text -> text.filter(c -> !CharacterClasses.isCombiningMark(c));
    }

    /**
     * Puts a text before each text that is not empty.
     *
     * @param prefix the text
     * @return the normalizer
     */
    public static TextNormalizer prepend(String prefix) {
        int[] codePoints = prefix.codePoints().toArray();
        return text -> text.prepend(codePoints);
    }

    /**
     * Replaces what matches.
     *
     * @param finder finds the matches
     * @param content the replacement
     * @return the normalizer
     */
    public static TextNormalizer replace(Finder finder, String content) {
        int[] codePoints = content.codePoints().toArray();
        return text -> {
            if (text.length() > 0) {
                Spans spans = text.spans();
                finder.find(text.codePoints(), 0, text.length(), spans);
                if (spans.size() > 1 || spans.isMatch(0)) {
                    text.replace(spans, codePoints);
                }
            }
        };
    }

    /** {@return the cleaning of translation models: control characters are removed, white space is replaced by spaces} */
    public static TextNormalizer translation() {
        return Normalizers::clean;
    }

    private static void clean(AlignedText text) {
        text.filter(
                c -> !(c >= 1 && c <= 8 || c == 0xB || c >= 0xE && c <= 0x1F || c == 0x7F || c == 0x8F || c == 0x9F));
        text.map(c -> switch (c) {
            case '\t', '\n', '\f', '\r', 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> ' ';
            default -> c >= 0x200B && c <= 0x200F ? ' ' : c;
        });
    }

    /** {@return a normalizer that replaces each byte of UTF-8 by a visible character} */
    public static TextNormalizer byteLevel() {
        return text -> Transforms.expand(text, ByteCharacters::expand);
    }
}
