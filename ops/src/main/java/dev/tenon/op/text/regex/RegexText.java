package dev.tenon.op.text.regex;

/** The text of a regular expression while it is read, by code points. For one thread. */
public final class RegexText {
    /** The result of a look beyond the end. */
    public static final int END = -1;

    private static final int MAX_DEPTH = 64;
    private static final int MAX_SHOWN = 60;
    private static final int MAX_DIGITS = 8;
    private static final int RADIX_HEX = 16;

    private final int[] text;
    private final Failure failure;
    private int at;
    private int depth;

    /** Makes the exception for something that does not belong there. */
    @FunctionalInterface
    public interface Failure {
        /**
         * The exception.
         *
         * @param found the thing found, and its place
         * @param allowed the things that are allowed; null if that says nothing
         * @param cure the cure; null if that says nothing
         * @return the exception to throw
         */
        RuntimeException of(String found, String allowed, String cure);
    }

    /**
     * The text of an expression.
     *
     * @param pattern the expression
     * @param failure makes exceptions
     */
    public RegexText(String pattern, Failure failure) {
        this.text = pattern.codePoints().toArray();
        this.failure = failure;
    }

    /**
     * The name of an expression in messages.
     *
     * @param pattern the expression
     * @return its name, cut if it is long
     */
    public static String name(String pattern) {
        boolean whole = pattern.codePointCount(0, Math.min(pattern.length(), 2 * MAX_SHOWN + 2)) <= MAX_SHOWN;
        String shown = whole ? pattern : pattern.substring(0, pattern.offsetByCodePoints(0, MAX_SHOWN));
        return "regular expression '" + shown + (whole ? "'" : "…'");
    }

    /**
     * The control character that a letter after a backslash stands for, in all syntaxes.
     *
     * @param letter the letter
     * @return the character; -1 if there is none
     */
    public static int control(int letter) {
        return switch (letter) {
            case 'a' -> 0x07;
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> -1;
        };
    }

    /**
     * Tells whether all is read.
     *
     * @return whether nothing is left
     */
    public boolean atEnd() {
        return at == text.length;
    }

    /**
     * The place in the text.
     *
     * @return the number of code points before it
     */
    public int place() {
        return at;
    }

    /**
     * Goes back.
     *
     * @param place the place to go to
     */
    public void backTo(int place) {
        at = place;
    }

    /**
     * The next code point, which stays the next.
     *
     * @return the code point, or {@link #END}
     */
    public int peek() {
        return peek(0);
    }

    /**
     * A code point after the next.
     *
     * @param ahead how many are between
     * @return the code point, or {@link #END}
     */
    public int peek(int ahead) {
        return at + ahead < text.length ? text[at + ahead] : END;
    }

    /**
     * Reads a code point.
     *
     * @return the code point
     */
    public int next() {
        if (atEnd()) {
            throw error("the end of the expression", at, "more of it", null);
        }
        return text[at++];
    }

    /**
     * Skips ASCII characters if they come next.
     *
     * @param expected the characters
     * @return whether they came
     */
    public boolean skip(String expected) {
        for (int i = 0; i < expected.length(); i++) {
            if (peek(i) != expected.charAt(i)) {
                return false;
            }
        }
        at += expected.length();
        return true;
    }

    /**
     * Skips ASCII characters, which must come next.
     *
     * @param expected the characters
     */
    public void expect(String expected) {
        if (!skip(expected)) {
            throw error(atEnd() ? "the end" : "'" + excerpt(at, at + 1) + "'", at, "'" + expected + "'", null);
        }
    }

    /** Enters a group or a class, of which only so many may be in each other. */
    public void enter() {
        if (++depth > MAX_DEPTH) {
            throw error("more than " + MAX_DEPTH + " nested groups", at, "at most that", null);
        }
    }

    /** Leaves a group or a class. */
    public void leave() {
        depth--;
    }

    /**
     * Reads hexadecimal digits.
     *
     * @param least how many at least
     * @param most how many at most
     * @return the code point; -1 if there are too few digits, or it is none
     */
    public int hexadecimal(int least, int most) {
        int value = 0;
        int digits = 0;
        while (digits < most && digit(peek()) >= 0 && value < CodePoints.END) {
            value = value * RADIX_HEX + digit(next());
            digits++;
        }
        return digits < least || value >= CodePoints.END ? -1 : value;
    }

    private static int digit(int c) {
        return c >= 0 && c < 0x80 ? Character.digit(c, RADIX_HEX) : -1;
    }

    /**
     * Reads {n}, {n,} or {n,m}.
     *
     * @return the numbers, the last of which is -1 without a limit; null, without reading, if it is none of these
     */
    public int[] counts() {
        int from = at;
        at++;
        int least = number();
        int most = least;
        if (least >= 0 && skip(",")) {
            most = peek() == '}' ? -1 : number();
            least = most < -1 ? most : least;
        }
        if (least < 0 || !skip("}")) {
            at = from;
            return null;
        }
        return new int[] {least, most};
    }

    /**
     * Reads a decimal number. A large one is cut off above all that are allowed.
     *
     * @return the number; -2 if there is none
     */
    public int number() {
        int from = at;
        int value = 0;
        while (peek() >= '0' && peek() <= '9') {
            int digit = next() - '0';
            value = at - from > MAX_DIGITS ? Integer.MAX_VALUE : value * 10 + digit;
        }
        return at == from ? -2 : value;
    }

    /**
     * The characters between two places.
     *
     * @param from the first place
     * @param to the second, or beyond the end
     * @return the characters
     */
    public String excerpt(int from, int to) {
        return new String(text, from, Math.min(to, text.length) - from);
    }

    /**
     * An error in the expression.
     *
     * @param found the thing found
     * @param place its place
     * @param allowed the things that are allowed; null if that says nothing
     * @param cure the cure; null if that says nothing
     * @return the exception to throw
     */
    public RuntimeException error(String found, int place, String allowed, String cure) {
        return failure.of(found + " at character " + (place + 1), allowed, cure);
    }
}
