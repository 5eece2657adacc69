package dev.tenon.text.regex;

import dev.tenon.op.text.regex.ClassSyntax;
import dev.tenon.op.text.regex.CodePoints;
import dev.tenon.op.text.regex.GeneralCategories;
import dev.tenon.op.text.regex.RegexText;
import dev.tenon.text.unicode.CharacterClasses;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;

/** The classes of Oniguruma. */
final class OnigurumaClasses implements ClassSyntax<IntPredicate> {
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

    private static final int MAX_PARTS = 256;
    private static final int MAX_HEX_DIGITS = 8;
    private static final int ESCAPE = 0x1B;

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

    /** Letters, marks, digits, connectors, but no joiners. */
    private static boolean isWordInBrackets(int c) {
        return CharacterClasses.isWordCharacter(c) && Character.getType(c) != Character.FORMAT;
    }

    @Override
    public IntPredicate of(CodePoints characters) {
        return characters::contains;
    }

    @Override
    public IntPredicate not(IntPredicate set) {
        return set.negate();
    }

    @Override
    public IntPredicate union(List<IntPredicate> sets) {
        if (sets.size() == 1) {
            return sets.getFirst();
        }
        IntPredicate[] all = sets.toArray(IntPredicate[]::new);
        return c -> {
            for (IntPredicate one : all) {
                if (one.test(c)) {
                    return true;
                }
            }
            return false;
        };
    }

    @Override
    public IntPredicate intersection(IntPredicate a, IntPredicate b) {
        return a.and(b);
    }

    @Override
    public IntPredicate letter(int letter, boolean inBrackets) {
        return switch (letter) {
            case 's' -> OnigurumaClasses::isSpace;
            case 'd' -> Character::isDigit;
            case 'w' -> inBrackets ? OnigurumaClasses::isWordInBrackets : OnigurumaClasses::isWord;
            case 'h' -> c -> c < 128 && Character.digit(c, 16) >= 0;
            default -> null;
        };
    }

    @Override
    public IntPredicate property(String name) {
        return named(name.toLowerCase(Locale.ROOT).replace("_", "").replace(" ", ""), name);
    }

    @Override
    public IntPredicate posix(String name) {
        return named(name.toLowerCase(Locale.ROOT), name);
    }

    private static IntPredicate named(String key, String name) {
        int types = GeneralCategories.types(LONG_NAMES.getOrDefault(key, key));
        if (types != 0) {
            return c -> (types >>> Character.getType(c) & 1) != 0;
        }
        return switch (key) {
            case "alpha" -> Character::isAlphabetic;
            case "digit" -> Character::isDigit;
            case "alnum" -> c -> Character.isAlphabetic(c) || Character.isDigit(c);
            case "upper" -> Character::isUpperCase;
            case "lower" -> Character::isLowerCase;
            case "space" -> OnigurumaClasses::isSpace;
            case "word" -> OnigurumaClasses::isWordInBrackets;
            case "any" -> c -> true;
            default -> script(name);
        };
    }

    private static IntPredicate script(String name) {
        try {
            Character.UnicodeScript script = Character.UnicodeScript.forName(name);
            return c -> Character.UnicodeScript.of(c) == script;
        } catch (IllegalArgumentException unknown) {
            return null;
        }
    }

    @Override
    public boolean hasBareProperties() {
        return false;
    }

    @Override
    public boolean nests() {
        return true;
    }

    @Override
    public int maxParts() {
        return MAX_PARTS;
    }

    @Override
    public int escape(RegexText in, int place) {
        int letter = in.next();
        int control = RegexText.control(letter);
        if (control >= 0) {
            return control;
        }
        return switch (letter) {
            case 'e' -> ESCAPE;
            case 'u' -> codePoint(in, place, 4, 4);
            case 'x' -> {
                if (in.skip("{")) {
                    int c = codePoint(in, place, 1, MAX_HEX_DIGITS);
                    in.expect("}");
                    yield c;
                }
                yield codePoint(in, place, 1, 2);
            }
            default -> {
                if (letter < 128 && Character.isLetterOrDigit(letter)) {
                    String text = in.excerpt(place, in.place());
                    throw in.error("the escape " + text, place, "escapes of single characters", null);
                }
                yield letter;
            }
        };
    }

    private static int codePoint(RegexText in, int place, int least, int most) {
        int value = in.hexadecimal(least, most);
        if (value < 0) {
            throw in.error("a code point that is none", place, "hexadecimal digits of a code point", null);
        }
        return value;
    }
}
