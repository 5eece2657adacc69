package dev.tenon.text.regex;

import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;

/** Reads classes of characters: brackets, escapes and properties. */
final class ClassParser {
    private static final Map<String, Integer> CATEGORIES = Map.ofEntries(
            Map.entry("lu", 1 << Character.UPPERCASE_LETTER),
            Map.entry("ll", 1 << Character.LOWERCASE_LETTER),
            Map.entry("lt", 1 << Character.TITLECASE_LETTER),
            Map.entry("lm", 1 << Character.MODIFIER_LETTER),
            Map.entry("lo", 1 << Character.OTHER_LETTER),
            Map.entry("mn", 1 << Character.NON_SPACING_MARK),
            Map.entry("mc", 1 << Character.COMBINING_SPACING_MARK),
            Map.entry("me", 1 << Character.ENCLOSING_MARK),
            Map.entry("nd", 1 << Character.DECIMAL_DIGIT_NUMBER),
            Map.entry("nl", 1 << Character.LETTER_NUMBER),
            Map.entry("no", 1 << Character.OTHER_NUMBER),
            Map.entry("pc", 1 << Character.CONNECTOR_PUNCTUATION),
            Map.entry("pd", 1 << Character.DASH_PUNCTUATION),
            Map.entry("ps", 1 << Character.START_PUNCTUATION),
            Map.entry("pe", 1 << Character.END_PUNCTUATION),
            Map.entry("pi", 1 << Character.INITIAL_QUOTE_PUNCTUATION),
            Map.entry("pf", 1 << Character.FINAL_QUOTE_PUNCTUATION),
            Map.entry("po", 1 << Character.OTHER_PUNCTUATION),
            Map.entry("sm", 1 << Character.MATH_SYMBOL),
            Map.entry("sc", 1 << Character.CURRENCY_SYMBOL),
            Map.entry("sk", 1 << Character.MODIFIER_SYMBOL),
            Map.entry("so", 1 << Character.OTHER_SYMBOL),
            Map.entry("zs", 1 << Character.SPACE_SEPARATOR),
            Map.entry("zl", 1 << Character.LINE_SEPARATOR),
            Map.entry("zp", 1 << Character.PARAGRAPH_SEPARATOR),
            Map.entry("cc", 1 << Character.CONTROL),
            Map.entry("cf", 1 << Character.FORMAT),
            Map.entry("co", 1 << Character.PRIVATE_USE),
            Map.entry("cs", 1 << Character.SURROGATE),
            Map.entry("cn", 1 << Character.UNASSIGNED));

    private static final Map<String, String> LONG_NAMES = Map.of(
            "letter",
            "l",
            "mark",
            "m",
            "number",
            "n",
            "punctuation",
            "p",
            "symbol",
            "s",
            "separator",
            "z",
            "other",
            "c");

    /** The most properties, nested classes and intersections in brackets of an expression. */
    private static final int MAX_PARTS = 256;

    private final Source in;
    private int parts;

    ClassParser(Source in) {
        this.in = in;
    }

    /** White space. */
    static boolean isSpace(int c) {
        return c == ' ' || c >= '\t' && c <= '\r' || c >= 0x85 && (c == 0x85 || Character.isSpaceChar(c));
    }

    /**
     * A character of a word. Outside of brackets, Oniguruma adds the superscripts and fractions of Latin-1 to those inside.
     */
    static boolean isWord(int c) {
        return isWordInBrackets(c) || c == 0xB2 || c == 0xB3 || c == 0xB9 || c >= 0xBC && c <= 0xBE;
    }

    /** Letters, marks, digits, connectors. */
    private static boolean isWordInBrackets(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.CONNECTOR_PUNCTUATION -> true;
            default -> Character.isAlphabetic(c);
        };
    }

    /** The class of an escape such as {@code \s}; null if the letter names none. */
    IntPredicate escape(int letter) {
        return switch (letter) {
            case 's' -> ClassParser::isSpace;
            case 'S' -> c -> !isSpace(c);
            case 'd' -> Character::isDigit;
            case 'D' -> c -> !Character.isDigit(c);
            case 'w' -> ClassParser::isWord;
            case 'W' -> c -> !isWord(c);
            case 'h' -> c -> Character.digit(c, 16) >= 0 && c < 128;
            case 'H' -> c -> Character.digit(c, 16) < 0 || c >= 128;
            case 'p' -> property(false);
            case 'P' -> property(true);
            default -> null;
        };
    }

    private IntPredicate property(boolean negative) {
        in.expect('{');
        boolean not = in.take('^') != negative;
        int from = in.at();
        while (in.more() && in.peek() != '}') {
            in.next();
        }
        String name = in.text(from);
        in.expect('}');
        IntPredicate found =
                named(name.toLowerCase(Locale.ROOT).replace("_", "").replace(" ", ""), name);
        return not ? found.negate() : found;
    }

    private IntPredicate named(String key, String name) {
        String category = LONG_NAMES.getOrDefault(key, key);
        int types = 0;
        for (Map.Entry<String, Integer> entry : CATEGORIES.entrySet()) {
            if (entry.getKey().equals(category)
                    || category.length() == 1 && entry.getKey().startsWith(category)) {
                types |= entry.getValue();
            }
        }
        if (types != 0) {
            int mask = types;
            return c -> (mask >>> Character.getType(c) & 1) != 0;
        }
        return switch (key) {
            case "alpha" -> Character::isAlphabetic;
            case "digit" -> Character::isDigit;
            case "alnum" -> c -> Character.isAlphabetic(c) || Character.isDigit(c);
            case "upper" -> Character::isUpperCase;
            case "lower" -> Character::isLowerCase;
            case "space" -> ClassParser::isSpace;
            case "word" -> ClassParser::isWordInBrackets;
            case "any" -> c -> true;
            default -> {
                try {
                    Character.UnicodeScript script = Character.UnicodeScript.forName(name);
                    yield c -> Character.UnicodeScript.of(c) == script;
                } catch (IllegalArgumentException unknown) {
                    throw in.unsupported("the property '" + name + "'", "general categories and scripts");
                }
            }
        };
    }

    /** A class in brackets, after the opening one. */
    IntPredicate bracket() {
        boolean not = in.take('^');
        IntPredicate all = null;
        BracketItems items = new BracketItems();
        boolean first = true;
        while (first || !in.take(']')) {
            if (!in.more()) {
                throw in.unsupported("the class that nothing ends", "']' after a class");
            }
            first = false;
            if (in.take("&&")) {
                countPart();
                all = all == null ? items.set() : all.and(items.set());
                items = new BracketItems();
                continue;
            }
            item(items);
        }
        IntPredicate right = items.set();
        IntPredicate set = all == null ? right : all.and(right);
        return not ? set.negate() : set;
    }

    private void countPart() {
        if (++parts > MAX_PARTS) {
            throw in.unsupported("more than " + MAX_PARTS + " parts of classes", "at most that");
        }
    }

    private void item(BracketItems out) {
        if (in.take("[:")) {
            boolean not = in.take('^');
            int from = in.at();
            while (in.more() && in.peek() != ':') {
                in.next();
            }
            String name = in.text(from);
            in.expect(':');
            in.expect(']');
            IntPredicate found = named(name.toLowerCase(Locale.ROOT), name);
            countPart();
            out.add(not ? found.negate() : found);
            return;
        }
        if (in.take('[')) {
            in.enter();
            countPart();
            out.add(bracket());
            in.leave();
            return;
        }
        int from;
        if (in.take('\\')) {
            int letter = in.next();
            IntPredicate set =
                    switch (letter) {
                        case 'w' -> ClassParser::isWordInBrackets;
                        case 'W' -> c -> !isWordInBrackets(c);
                        default -> escape(letter);
                    };
            if (set != null) {
                countPart();
                out.add(set);
                return;
            }
            from = in.literalEscape(letter);
        } else {
            from = in.next();
        }
        if (!in.startsRange()) {
            out.add(from, from);
            return;
        }
        in.expect('-');
        int to = in.take('\\') ? in.literalEscape(in.next()) : in.next();
        if (to < from) {
            throw in.unsupported("a range that ends before it starts", "ascending ranges");
        }
        out.add(from, to);
    }
}
