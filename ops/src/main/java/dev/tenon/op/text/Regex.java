package dev.tenon.op.text;

import java.nio.charset.StandardCharsets;

/**
 * A regular expression in the syntax of RE2. It is matched by automata, without backtracking, in time linear in the
 * text for all expressions. Immutable; two are equal if their patterns are.
 *
 * <p>There is no look-around, no back-reference, no possessive repetition, no atomic group, no {@code \C}. Characters
 * are Unicode code points; {@code \d \s \w \b} and the classes of POSIX are those of ASCII. {@code ^} and {@code $} are
 * the ends of the text, or with the flag {@code m} those of its lines. {@code .} matches no line feed without the flag
 * {@code s}. The flag {@code i} folds case by Unicode's simple folding.
 *
 * @see <a href="https://github.com/google/re2/wiki/Syntax">the syntax of RE2</a>
 * @see <a href="https://swtch.com/~rsc/regexp/regexp1.html">Cox, Regular Expression Matching Can Be Simple And Fast</a>
 */
public final class Regex {
    private final String pattern;
    private final RegexProgram program;

    private Regex(String pattern, RegexProgram program) {
        this.pattern = pattern;
        this.program = program;
    }

    /**
     * Reads an expression.
     *
     * @param pattern the expression
     * @return the expression, ready to match
     * @throws dev.tenon.error.InvalidOperandException if the syntax is not that of RE2; the message names the construct
     * @throws dev.tenon.error.ResourceLimitException if its automaton would have more than 32,768 states, or its
     *     classes more than 16,384 ranges
     */
    public static Regex of(String pattern) {
        return new Regex(pattern, RegexParser.parse(pattern));
    }

    /** {@return the text of the expression} */
    public String pattern() {
        return pattern;
    }

    /**
     * The size of the automaton. Matching takes at most so many operations for each character of a text, and mostly one.
     *
     * @return the number of its states, at least 1
     */
    public int states() {
        return program.size();
    }

    /**
     * Tells whether a whole text matches.
     *
     * @param text the text
     * @return true if it matches from its first character to its last
     */
    public boolean matches(String text) {
        return matcher().matches(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A matcher for many texts and one thread. */
    RegexMatcher matcher() {
        return new RegexMatcher(program);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Regex that && pattern.equals(that.pattern);
    }

    @Override
    public int hashCode() {
        return pattern.hashCode();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
