package dev.tenon.text.regex;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.op.text.regex.RegexText;
import dev.tenon.text.stage.Finder;
import dev.tenon.text.stage.Spans;

/**
 * A regular expression in the syntax of Oniguruma, which Hugging Face's {@code tokenizers} use, as far as tokenizers need
 * it: classes with intersections, properties, choices, groups, repetitions of three kinds, options {@code i} and {@code m},
 * looks at one character, atomic groups, places. There are no back-references, and no looks at more than a character.
 * {@code ^} and {@code $} are ends of lines, {@code .} matches no line feed, {@code (?i)} folds case by Unicode's simple
 * folding.
 *
 * <p>Of the ways to match, the first in order of preference is taken. Trying them may take long, so their number is bounded
 * by a multiple of the length of the text. Immutable and safe for any number of threads.
 */
public final class OnigurumaRegex implements Finder {
    /** The most steps for each character of a text. */
    static final int STEPS = 1000;

    private static final int MAX_LENGTH = 1 << 16;

    private final String pattern;
    private final int[] code;
    private final CharacterSet[] sets;

    private OnigurumaRegex(String pattern, Instructions program) {
        this.pattern = pattern;
        this.code = program.code();
        this.sets = program.sets();
    }

    /**
     * Reads an expression.
     *
     * @param place the place that error messages name
     * @param pattern the expression
     * @return the expression, ready to match
     * @throws dev.tenon.formats.UnsupportedModelException if it is malformed, or has something else than listed above
     */
    public static OnigurumaRegex of(String place, String pattern) {
        RegexText text = new RegexText(
                pattern,
                (found, allowed, cure) -> new UnsupportedModelException(
                        place,
                        found + " of " + RegexText.name(pattern),
                        allowed,
                        cure == null ? "write the expression in another way" : cure));
        if (pattern.codePointCount(0, pattern.length()) > MAX_LENGTH) {
            throw text.error("more than " + MAX_LENGTH + " characters", MAX_LENGTH, "at most that", null);
        }
        return new OnigurumaRegex(pattern, Instructions.of(OnigurumaParser.parse(text), text));
    }

    /**
     * Finds the matches, from left to right. An empty match at the end of the match before it does not count.
     *
     * @throws dev.tenon.error.ResourceLimitException if it takes more steps than the length of the text allows
     */
    @Override
    public void find(int[] text, int from, int to, Spans out) {
        Matcher matcher = new Matcher(this, text, from, to, out.freeSteps() + (long) STEPS * (to - from));
        int done = from;
        int lastEnd = -1;
        for (int at = from; at <= to; ) {
            int end = matcher.match(at);
            if (end < 0 || end == at && at == lastEnd) {
                at++;
                continue;
            }
            if (done < at) {
                out.add(done, at, false);
            }
            out.add(at, end, true);
            done = end;
            lastEnd = end;
            at = end;
        }
        if (done < to) {
            out.add(done, to, false);
        }
        out.keepFreeSteps(matcher.steps());
    }

    /** {@return the text of the expression} */
    public String pattern() {
        return pattern;
    }

    int[] code() {
        return code;
    }

    CharacterSet[] sets() {
        return sets;
    }
}
