package dev.tenon.text.regex;

import dev.tenon.formats.UnsupportedModelException;

/** The text of an expression, and a place in it. */
final class Source {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_LENGTH = 1 << 16;

    private final String place;
    private final int[] text;
    private int at;
    private int depth;

    Source(String place, String pattern) {
        this.place = place;
        this.text = pattern.codePoints().limit(MAX_LENGTH + 1L).toArray();
        if (text.length > MAX_LENGTH) {
            throw unsupported("more than " + MAX_LENGTH + " characters", "at most that");
        }
    }

    int at() {
        return at;
    }

    boolean more() {
        return at < text.length;
    }

    int peek() {
        return at < text.length ? text[at] : -1;
    }

    int next() {
        if (at == text.length) {
            throw unsupported("the end of the expression", "more of it");
        }
        return text[at++];
    }

    boolean take(int c) {
        if (peek() == c) {
            at++;
            return true;
        }
        return false;
    }

    boolean take(String words) {
        for (int i = 0; i < words.length(); i++) {
            if (at + i >= text.length || text[at + i] != words.charAt(i)) {
                return false;
            }
        }
        at += words.length();
        return true;
    }

    void expect(int c) {
        if (!take(c)) {
            throw unsupported(
                    more() ? "'" + Character.toString(peek()) + "'" : "the end", "'" + Character.toString(c) + "'");
        }
    }

    String text(int from) {
        return new String(text, from, at - from);
    }

    /** Whether a range of a class begins with the dash at this place. */
    boolean startsRange() {
        return peek() == '-' && at + 1 < text.length && text[at + 1] != ']' && text[at + 1] != '[';
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw unsupported("more than " + MAX_DEPTH + " nested groups", "at most that");
        }
    }

    void leave() {
        depth--;
    }

    /** The code point that an escape stands for, after the backslash and its letter. */
    int literalEscape(int letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'f' -> '\f';
            case 'v' -> 0x0B;
            case 'a' -> 0x07;
            case 'e' -> 0x1B;
            case 'u' -> hex(4, 4);
            case 'x' -> {
                if (take('{')) {
                    int c = hex(1, 8);
                    expect('}');
                    yield c;
                }
                yield hex(1, 2);
            }
            default -> {
                if (letter < 128 && Character.isLetterOrDigit(letter)) {
                    throw unsupported("the escape \\" + Character.toString(letter), "escapes of single characters");
                }
                yield letter;
            }
        };
    }

    private int hex(int least, int most) {
        int value = 0;
        int count = 0;
        while (count < most && Character.digit(peek(), 16) >= 0 && peek() < 128) {
            value = value << 4 | Character.digit(next(), 16);
            count++;
        }
        if (count < least || !Character.isValidCodePoint(value)) {
            throw unsupported("a code point that is none", "hexadecimal digits of a code point");
        }
        return value;
    }

    int number(int missing) {
        long value = -1;
        while (peek() >= '0' && peek() <= '9' && value < Short.MAX_VALUE) {
            value = Math.max(value, 0) * 10 + next() - '0';
        }
        if (value > RegexParser.MAX_COUNT) {
            throw unsupported("a repetition of " + value, "at most " + RegexParser.MAX_COUNT);
        }
        return value < 0 ? missing : (int) value;
    }

    UnsupportedModelException unsupported(String found, String allowed) {
        return new UnsupportedModelException(
                place,
                found + " at character " + at + " of the regular expression " + shown(),
                allowed,
                "write the expression in another way");
    }

    private String shown() {
        String whole = new String(text, 0, text.length);
        return whole.length() <= 100 ? whole : whole.substring(0, 100) + "...";
    }
}
