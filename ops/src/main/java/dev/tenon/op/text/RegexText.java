package dev.tenon.op.text;

import dev.tenon.error.InvalidOperandException;

/** The text of a regular expression while it is read, by code points. */
final class RegexText {
    /** The result of a look beyond the end. */
    static final int END = -1;

    private static final int MAX_SHOWN = 60;
    private static final int MAX_DIGITS = 8;

    private final int[] text;
    private int at;

    RegexText(String pattern) {
        this.text = pattern.codePoints().toArray();
    }

    boolean atEnd() {
        return at == text.length;
    }

    int place() {
        return at;
    }

    void backTo(int place) {
        at = place;
    }

    int peek() {
        return peek(0);
    }

    int peek(int ahead) {
        return at + ahead < text.length ? text[at + ahead] : END;
    }

    int next() {
        return text[at++];
    }

    /** Skips ASCII characters if they come next. */
    boolean skip(String expected) {
        for (int i = 0; i < expected.length(); i++) {
            if (peek(i) != expected.charAt(i)) {
                return false;
            }
        }
        at += expected.length();
        return true;
    }

    /**
     * Reads {n}, {n,} or {n,m}; the last number is -1 without a limit. Null, without reading, if it is none of these.
     */
    int[] counts() {
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

    /** A decimal number. Large ones are cut off above all that are allowed; -2 if there is none. */
    private int number() {
        int from = at;
        int value = 0;
        while (peek() >= '0' && peek() <= '9') {
            int digit = next() - '0';
            value = at - from > MAX_DIGITS ? Integer.MAX_VALUE : value * 10 + digit;
        }
        return at == from ? -2 : value;
    }

    /** The characters from one place to before another, or to the end. */
    String excerpt(int from, int to) {
        return new String(text, from, Math.min(to, text.length) - from);
    }

    /** The name of the expression in messages. */
    String thing() {
        boolean whole = text.length <= MAX_SHOWN;
        return "regular expression '" + excerpt(0, MAX_SHOWN) + (whole ? "'" : "…'");
    }

    InvalidOperandException error(String found, int place, String allowed, String cure) {
        return new InvalidOperandException(thing(), found + " at character " + (place + 1), allowed, cure);
    }
}
