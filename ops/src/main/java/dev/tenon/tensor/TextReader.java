package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;

/** A cursor over text that reads the tokens of dimensions, shapes and types. Not thread-safe. */
final class TextReader {
    private static final int MAX_LENGTH = 1 << 20;
    private static final int MAX_NESTING = 128;

    private final String what;
    private final String text;
    private int position;
    private int nesting;

    TextReader(String what, String text) {
        this.what = what;
        this.text = text;
        if (text.length() > MAX_LENGTH) {
            throw new ResourceLimitException(
                    what + " '" + excerpt(text) + "'",
                    "has " + text.length() + " characters",
                    "at most " + MAX_LENGTH,
                    null);
        }
    }

    /** The first characters of a text of any length, for a message. */
    static String excerpt(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private void skipSpace() {
        while (position < text.length() && text.charAt(position) <= ' ') {
            position++;
        }
    }

    /** The next character that is no space, or 0 at the end; nothing is consumed. */
    char peek() {
        skipSpace();
        return position < text.length() ? text.charAt(position) : 0;
    }

    boolean accept(char c) {
        if (peek() == c && c != 0) {
            position++;
            return true;
        }
        return false;
    }

    void expect(char c) {
        if (!accept(c)) {
            throw unexpected("'" + c + "'");
        }
    }

    void expectEnd() {
        if (peek() != 0 || position < text.length()) {
            throw unexpected("the end");
        }
    }

    void enter() {
        if (++nesting > MAX_NESTING) {
            throw new ResourceLimitException(
                    what + " '" + excerpt(text) + "'", "nests deeper than " + MAX_NESTING, null, null);
        }
    }

    void leave() {
        nesting--;
    }

    InvalidTensorException unexpected(String allowed) {
        char next = peek();
        String found = position >= text.length() ? "the text ends" : "'" + next + "'";
        return new InvalidTensorException(
                what + " '" + excerpt(text) + "'", found + " at position " + position, allowed, null);
    }

    static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '?' || c == '$';
    }

    static boolean isNamePart(char c) {
        return isNameStart(c) || (c >= '0' && c <= '9') || c == '.';
    }

    /** A name without quotes: a letter or one of {@code _ ? $}, then letters, these characters, digits and dots. */
    String name() {
        if (!isNameStart(peek())) {
            throw unexpected("a name");
        }
        int start = position;
        while (position < text.length() && isNamePart(text.charAt(position))) {
            position++;
        }
        return text.substring(start, position);
    }

    /** Decimal digits, negated if a minus precedes them. So -2^63 can be read. */
    long integer(boolean negative) {
        char first = peek();
        if (first < '0' || first > '9') {
            throw unexpected("digits");
        }
        int start = position;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            position++;
        }
        String digits = text.substring(start, position);
        try {
            return Long.parseLong(negative ? "-" + digits : digits);
        } catch (NumberFormatException e) {
            throw new InvalidTensorException(
                    what + " '" + excerpt(text) + "'", "the number " + excerpt(digits), "at most 2^63-1", null, e);
        }
    }

    /** The inverse of {@link #quote}. */
    String quoted() {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c == '"') {
                return out.toString();
            }
            out.append(c == '\\' ? escape() : c);
        }
        throw unexpected("a closing '\"'");
    }

    private char escape() {
        if (position < text.length()) {
            char c = text.charAt(position++);
            if (c == '"' || c == '\\') {
                return c;
            }
            if (c == 'u' && position + 4 <= text.length()) {
                String digits = text.substring(position, position + 4);
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(digits.charAt(i), 16);
                    if (digit < 0) {
                        throw unexpected("four hexadecimal digits");
                    }
                    code = code << 4 | digit;
                }
                position += 4;
                return (char) code;
            }
        }
        throw unexpected("one of \\\" \\\\ \\uXXXX");
    }

    /** A text in double quotes, with quotes, backslashes, controls and lone surrogates escaped. */
    static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || (c >= 0x7f && c < 0xa0) || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
