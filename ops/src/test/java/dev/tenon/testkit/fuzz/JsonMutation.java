package dev.tenon.testkit.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes documents of JSON value by value: a value is replaced, taken over from another document, wrapped, repeated or removed.
 * Some documents are changed word by word or byte by byte.
 */
public final class JsonMutation implements Mutation {
    private static final int MOST = 1 << 17;
    private static final int MOST_LEVELS = 200;
    private static final List<String> LITERALS =
            List.of("null", "true", "false", "{}", "[]", "\"\"", "1e999", "-0", "0.5", "[[]]", "[null]", "{\"\":0}");

    /**
     * A value, or a member with its name.
     *
     * @param start where the name starts, or the value if there is no name
     * @param from where the value starts
     * @param to where the value ends
     */
    private record Item(int start, int from, int to) {}

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        if (random.nextInt(8) == 0) {
            return Hostile.damaged(file, random);
        }
        String text = new String(file, StandardCharsets.UTF_8);
        String otherText = new String(other, StandardCharsets.UTF_8);
        return (random.nextInt(4) == 0 ? Words.changed(text, otherText, random) : changed(text, otherText, random))
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Changes one to three values.
     *
     * @param text the document
     * @param other another one, whose values may be taken over
     * @param random decides what is changed
     * @return the changed document
     */
    public static String changed(String text, String other, SplittableRandom random) {
        String result = text;
        for (int i = Math.max(1, random.nextInt(-1, 4)); i > 0; i--) {
            List<Item> items = items(result);
            if (items.isEmpty()) {
                return result;
            }
            String next = changed(result, items, other, random);
            result = next.length() > MOST ? result : next;
        }
        return result;
    }

    private static String changed(String text, List<Item> items, String other, SplittableRandom random) {
        Item item = items.get(random.nextInt(items.size()));
        return switch (random.nextInt(8)) {
            case 0 -> replaced(text, item, value(other, items(other), random));
            case 1 -> replaced(text, item, value(text, items, random));
            case 2 -> removed(text, item);
            case 3 -> repeated(text, item, random.nextInt(1, 3));
            case 4 -> repeated(text, item, random.nextInt(1, 300));
            case 5 -> {
                int levels = random.nextInt(1, MOST_LEVELS);
                String value = text.substring(item.from(), item.to());
                yield replaced(text, item, "[".repeat(levels) + value + "]".repeat(levels));
            }
            default -> replaced(text, item, literal(random));
        };
    }

    private static String value(String text, List<Item> items, SplittableRandom random) {
        if (items.isEmpty()) {
            return "null";
        }
        Item item = items.get(random.nextInt(items.size()));
        return text.substring(item.from(), item.to());
    }

    private static String literal(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> LITERALS.get(random.nextInt(LITERALS.size()));
            case 1 -> Long.toString(Hostile.number(random));
            case 2 -> Double.toString(Hostile.real(random));
            default -> '"' + escaped(new String(Hostile.text(random), StandardCharsets.UTF_8)) + '"';
        };
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return out.toString();
    }

    private static String replaced(String text, Item item, String value) {
        return text.substring(0, item.from()) + value + text.substring(item.to());
    }

    private static String repeated(String text, Item item, int times) {
        String whole = text.substring(item.start(), item.to()) + ",";
        return (long) whole.length() * times > MOST
                ? text
                : text.substring(0, item.start()) + whole.repeat(times) + text.substring(item.start());
    }

    /** Without an item and the comma after it, or before it if it is the last one. */
    private static String removed(String text, Item item) {
        int to = item.to();
        while (to < text.length() && Character.isWhitespace(text.charAt(to))) {
            to++;
        }
        if (to < text.length() && text.charAt(to) == ',') {
            return text.substring(0, item.start()) + text.substring(to + 1);
        }
        int start = item.start();
        while (start > 0 && Character.isWhitespace(text.charAt(start - 1))) {
            start--;
        }
        return text.substring(0, start > 0 && text.charAt(start - 1) == ',' ? start - 1 : start) + text.substring(to);
    }

    /** The values of a document, which may be damaged. */
    private static List<Item> items(String text) {
        List<Item> items = new ArrayList<>();
        Deque<Item> open = new ArrayDeque<>();
        int name = -1;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int start = name < 0 ? at : name;
            int end = at + 1;
            if (c == '"') {
                end = endOfText(text, at);
                int colon = end;
                while (colon < text.length() && Character.isWhitespace(text.charAt(colon))) {
                    colon++;
                }
                if (colon < text.length() && text.charAt(colon) == ':') {
                    name = at;
                    at = colon + 1;
                    continue;
                }
                items.add(new Item(start, at, end));
                name = -1;
            } else if (c == '{' || c == '[') {
                open.push(new Item(start, at, at));
                name = -1;
            } else if (c == '}' || c == ']') {
                Item container = open.poll();
                if (container != null) {
                    items.add(new Item(container.start(), container.from(), end));
                }
                name = -1;
            } else if (isWord(c)) {
                while (end < text.length() && isWord(text.charAt(end))) {
                    end++;
                }
                items.add(new Item(start, at, end));
                name = -1;
            }
            at = end;
        }
        return items;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '-' || c == '+' || c == '.';
    }

    private static int endOfText(String text, int start) {
        int at = start + 1;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(text.length(), at + 1);
    }
}
