package dev.tenon.text.split;

import dev.tenon.text.normalize.ByteCharacters;
import dev.tenon.text.normalize.Transforms;
import dev.tenon.text.regex.OnigurumaRegex;
import dev.tenon.text.stage.Behavior;
import dev.tenon.text.stage.Finder;
import dev.tenon.text.stage.PreTokenizer;
import dev.tenon.text.unicode.CharacterClasses;
import java.util.List;
import java.util.function.IntPredicate;

/** The pre-tokenizers that need few lines. */
public final class Splits {
    /** The expression of GPT-2's words. */
    public static final String GPT2_WORDS =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final OnigurumaRegex WORDS = OnigurumaRegex.of("words of GPT-2", GPT2_WORDS);

    private Splits() {}

    /** {@return a pre-tokenizer that cuts nothing} */
    public static PreTokenizer none() {
        return pieces -> {};
    }

    /**
     * Several pre-tokenizers.
     *
     * @param parts the pre-tokenizers, in order
     * @return a pre-tokenizer that applies one after the other
     */
    public static PreTokenizer sequence(List<PreTokenizer> parts) {
        List<PreTokenizer> all = List.copyOf(parts);
        return pieces -> all.forEach(part -> part.split(pieces));
    }

    /**
     * Cuts at matches.
     *
     * @param finder finds the delimiters
     * @param inverted whether delimiters are what is between the matches
     * @param behavior the fate of the delimiters
     * @return the pre-tokenizer
     */
    public static PreTokenizer at(Finder finder, boolean inverted, Behavior behavior) {
        return pieces -> pieces.split(finder, inverted, behavior);
    }

    /**
     * A finder of characters, each a match of its own.
     *
     * @param set the characters
     * @return the finder
     */
    public static Finder characters(IntPredicate set) {
        return (text, from, to, out) -> {
            int done = from;
            for (int i = from; i < to; i++) {
                if (set.test(text[i])) {
                    if (done < i) {
                        out.add(done, i, false);
                    }
                    out.add(i, i + 1, true);
                    done = i + 1;
                }
            }
            if (done < to) {
                out.add(done, to, false);
            }
        };
    }

    /**
     * A finder of a text.
     *
     * @param wanted the text, not empty
     * @return the finder
     */
    public static Finder literal(String wanted) {
        int[] codePoints = wanted.codePoints().toArray();
        if (codePoints.length == 1) {
            return characters(c -> c == codePoints[0]);
        }
        int[] borders = borders(codePoints);
        return (text, from, to, out) -> {
            int done = from;
            int matched = 0;
            for (int i = from; i < to; i++) {
                matched = extended(codePoints, borders, matched, text[i]);
                if (matched == codePoints.length) {
                    int start = i + 1 - matched;
                    if (done < start) {
                        out.add(done, start, false);
                    }
                    out.add(start, i + 1, true);
                    done = i + 1;
                    matched = 0;
                }
            }
            if (done < to) {
                out.add(done, to, false);
            }
        };
    }

    // The search of Knuth, Morris and Pratt: for each beginning of a text, its longest end that is also a beginning.
    private static int[] borders(int[] wanted) {
        int[] borders = new int[wanted.length + 1];
        for (int i = 1; i < wanted.length; i++) {
            borders[i + 1] = extended(wanted, borders, borders[i], wanted[i]);
        }
        return borders;
    }

    // The longest beginning that is matched after one more code point.
    private static int extended(int[] wanted, int[] borders, int matched, int c) {
        int now = matched;
        while (now > 0 && wanted[now] != c) {
            now = borders[now];
        }
        return wanted[now] == c ? now + 1 : 0;
    }

    /** {@return the pre-tokenizer of BERT: white space is dropped, each punctuation mark is a piece} */
    public static PreTokenizer bert() {
        Finder spaces = characters(CharacterClasses::isWhiteSpace);
        Finder marks = characters(CharacterClasses::isPunctuation);
        return pieces -> {
            pieces.split(spaces, false, Behavior.REMOVED);
            pieces.split(marks, false, Behavior.ISOLATED);
        };
    }

    /** {@return a pre-tokenizer that drops white space} */
    public static PreTokenizer whiteSpace() {
        return at(characters(CharacterClasses::isWhiteSpace), false, Behavior.REMOVED);
    }

    /** {@return a pre-tokenizer whose pieces are words, and runs of what is neither word nor white space} */
    public static PreTokenizer words() {
        Finder runs = (text, from, to, out) -> {
            for (int i = from; i < to; ) {
                int kind = kind(text[i]);
                int start = i;
                while (i < to && kind(text[i]) == kind) {
                    i++;
                }
                out.add(start, i, kind == 0);
            }
        };
        return at(runs, false, Behavior.REMOVED);
    }

    private static int kind(int c) {
        return CharacterClasses.isWordCharacter(c) ? 1 : CharacterClasses.isWhiteSpace(c) ? 0 : 2;
    }

    /**
     * The pre-tokenizer of GPT-2: text is cut into words, and each byte of UTF-8 becomes a visible character.
     *
     * @param prefixed whether a piece gets a space before it unless it begins with one
     * @param cut whether text is cut into words
     * @return the pre-tokenizer
     */
    public static PreTokenizer byteLevel(boolean prefixed, boolean cut) {
        int[] space = {' '};
        return pieces -> {
            if (prefixed) {
                pieces.rewrite(text -> {
                    if (text.length() > 0 && text.codePoints()[0] != ' ') {
                        text.prepend(space);
                    }
                });
            }
            if (cut) {
                pieces.split(WORDS, false, Behavior.ISOLATED);
            }
            pieces.rewrite(text -> Transforms.expand(text, ByteCharacters::expand));
        };
    }

    /** The pieces that get a mark before them. */
    public enum Prepending {
        /** Each that has none. */
        ALWAYS,
        /** The one at the start of the text, if it has none. */
        FIRST,
        /** None. */
        NEVER
    }

    /**
     * The pre-tokenizer of SentencePiece: a mark replaces each space, and begins a piece.
     *
     * @param mark the mark
     * @param prepending the pieces that get a mark before them
     * @param cut whether text is cut
     * @return the pre-tokenizer
     */
    public static PreTokenizer metaspace(int mark, Prepending prepending, boolean cut) {
        int[] prefix = {mark};
        Finder marks = characters(c -> c == mark);
        return pieces -> {
            pieces.rewrite(text -> {
                text.map(c -> c == ' ' ? mark : c);
                boolean wanted = prepending == Prepending.ALWAYS || prepending == Prepending.FIRST && text.shift() == 0;
                if (wanted && text.length() > 0 && text.codePoints()[0] != mark) {
                    text.prepend(prefix);
                }
            });
            if (cut) {
                pieces.split(marks, false, Behavior.MERGED_WITH_NEXT);
            }
        };
    }
}
