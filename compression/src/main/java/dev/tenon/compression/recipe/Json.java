package dev.tenon.compression.recipe;

import dev.tenon.compression.CompressionException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON by RFC 8259, strictly: a member may occur once, values may be nested 64 deep, and nothing may follow the value.
 * Values are maps in the order of the document, lists, strings, booleans, longs, doubles, and null.
 */
final class Json {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_SHOWN = 60;
    private static final int HEX_DIGITS = 4;
    /** So many characters hold a whole number that a long has, whatever its digits are. */
    private static final int MAX_WHOLE = 18;

    private final String document;
    private final String text;
    private int at;

    private Json(String document, String text) {
        this.document = document;
        this.text = text;
    }

    static Object parse(String document, String text) {
        Json json = new Json(document, text);
        Object value = json.value(0);
        if (json.peek() != 0) {
            throw json.wrong("more after the end of the value", "one value");
        }
        return value;
    }

    /** A value in a message. */
    static String text(Object value) {
        String text =
                switch (value) {
                    case null -> "null";
                    case Map<?, ?> map -> "an object";
                    case String string -> "\"" + string + "\"";
                    default -> value.toString();
                };
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private CompressionException wrong(String found, String allowed) {
        int line = 1;
        int start = 0;
        for (int i = 0; i < Math.min(at, text.length()); i++) {
            if (text.charAt(i) == '\n') {
                line++;
                start = i + 1;
            }
        }
        return new CompressionException(
                document, found + " at line " + line + ", column " + (at - start + 1), allowed, null);
    }

    private CompressionException unexpected(String allowed) {
        return wrong(at < text.length() ? "'" + text.charAt(at) + "'" : "the end of the text", allowed);
    }

    /** The next character that is no space; 0 at the end. */
    private char peek() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected("'" + c + "'");
        }
        at++;
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw wrong("values nested deeper than " + MAX_DEPTH, "at most " + MAX_DEPTH);
        }
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw unexpected("true, false, null");
        }
        at += word.length();
        return value;
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        expect('{');
        boolean isFirst = true;
        while (peek() != '}') {
            if (!isFirst) {
                expect(',');
            }
            isFirst = false;
            if (peek() != '"') {
                throw unexpected("a name in quotes");
            }
            String name = string();
            if (members.containsKey(name)) {
                throw wrong("member '" + name + "' twice", "each member once");
            }
            expect(':');
            members.put(name, value(depth + 1));
        }
        at++;
        return members;
    }

    private List<Object> array(int depth) {
        List<Object> items = new ArrayList<>();
        expect('[');
        while (peek() != ']') {
            if (!items.isEmpty()) {
                expect(',');
            }
            items.add(value(depth + 1));
        }
        at++;
        return items;
    }

    private boolean is(char c, int place) {
        return place < text.length() && text.charAt(place) == c;
    }

    /** The place after the digits that begin at a place. */
    private int afterDigits(int from) {
        int i = from;
        while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private Object number() {
        int first = at + (is('-', at) ? 1 : 0);
        int whole = is('0', first) ? first + 1 : afterDigits(first);
        if (whole == first) {
            throw unexpected("a value");
        }
        int end = is('.', whole) && afterDigits(whole + 1) > whole + 1 ? afterDigits(whole + 1) : whole;
        if (is('e', end) || is('E', end)) {
            int exponent = end + (is('-', end + 1) || is('+', end + 1) ? 2 : 1);
            end = afterDigits(exponent) > exponent ? afterDigits(exponent) : end;
        }
        String digits = text.substring(at, end);
        boolean isWhole = end == whole && digits.length() <= MAX_WHOLE;
        double value = Double.parseDouble(digits);
        if (Double.isInfinite(value)) {
            throw wrong("number " + digits, "numbers that a double holds");
        }
        at = end;
        if (isWhole) {
            return Long.parseLong(digits);
        }
        return value;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        at++;
        while (true) {
            if (at >= text.length() || text.charAt(at) < ' ') {
                throw unexpected("the end of the string");
            }
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            out.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        char c = at < text.length() ? text.charAt(at++) : 0;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                String digits = text.substring(at, Math.min(text.length(), at + HEX_DIGITS));
                if (!digits.matches("[0-9a-fA-F]{4}")) {
                    throw wrong("\\u" + digits, "four hexadecimal digits");
                }
                at += HEX_DIGITS;
                yield (char) Integer.parseInt(digits, 16);
            }
            default -> throw wrong("an escape \\" + c, "\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
        };
    }
}
