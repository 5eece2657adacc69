package dev.tenon.compression.page;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes values as JSON: maps in their order, lists, strings, booleans, whole numbers, doubles, and null. */
public final class JsonText {
    private static final char LINE = 0x2028;
    private static final char PARAGRAPH = 0x2029;

    private JsonText() {}

    /**
     * The text of a value. A double that JSON can't hold becomes null.
     *
     * @param value the value
     * @return its text
     */
    public static String of(Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(e -> quoted(String.valueOf(e.getKey())) + ":" + of(e.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
            case List<?> list -> list.stream().map(JsonText::of).collect(Collectors.joining(",", "[", "]"));
            case String text -> quoted(text);
            case Boolean flag -> flag.toString();
            case Integer number -> number.toString();
            case Long number -> number.toString();
            case Double number -> Double.isFinite(number) ? number.toString() : "null";
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        };
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // A lone surrogate has no UTF-8, and a line separator ends a line in scripts.
                    boolean isAlone = Character.isSurrogate(c) && !isPaired(text, i);
                    if (c < ' ' || c == LINE || c == PARAGRAPH || isAlone) {
                        out.append("\\u");
                        String digits = Integer.toHexString(c);
                        out.repeat('0', 4 - digits.length()).append(digits);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private static boolean isPaired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
