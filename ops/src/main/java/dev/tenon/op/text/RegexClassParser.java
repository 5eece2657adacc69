package dev.tenon.op.text;

import dev.tenon.error.InvalidOperandException;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** Reads escapes and classes of characters in regular expressions. */
final class RegexClassParser {
    private static final int OCTAL_DIGITS = 3;
    private static final int RADIX_OCTAL = 8;
    private static final int RADIX_HEX = 16;

    private static final int MAX_NAME = 32;

    private final RegexText in;
    private final Map<CodePoints, CodePoints> foldedSets = new IdentityHashMap<>();

    RegexClassParser(RegexText in) {
        this.in = in;
    }

    /** Reads the class after a backslash; null, without reading, if there is none. */
    CodePoints escapedClass(int place, boolean fold) {
        int c = in.peek();
        if (c == 'p' || c == 'P') {
            in.next();
            return unicode(place, c == 'P', fold);
        }
        boolean negated = c == 'D' || c == 'S' || c == 'W';
        CodePoints perl = UnicodeClasses.perl(negated ? c + 'a' - 'A' : c);
        if (perl == null) {
            return null;
        }
        in.next();
        return finished(perl, negated, fold);
    }

    private CodePoints finished(CodePoints set, boolean negated, boolean fold) {
        CodePoints all = fold ? foldedSets.computeIfAbsent(set, UnicodeClasses::folded) : set;
        return negated ? all.complement() : all;
    }

    private CodePoints unicode(int place, boolean negated, boolean fold) {
        StringBuilder name = new StringBuilder();
        boolean inverse = negated;
        if (in.skip("{")) {
            if (in.skip("^")) {
                inverse = !inverse;
            }
            while (!in.atEnd() && in.peek() != '}') {
                name.appendCodePoint(in.next());
            }
            if (!in.skip("}")) {
                throw in.error("a class without '}'", place, "\\p{Name}", null);
            }
        } else if (!in.atEnd()) {
            name.appendCodePoint(in.next());
        }
        CodePoints set = UnicodeClasses.unicode(name.toString());
        if (set == null) {
            throw in.error(
                    "class '" + in.excerpt(place, in.place()) + "'",
                    place,
                    "a general category of Unicode such as Lu, a script such as Greek, Any",
                    null);
        }
        return finished(set, inverse, fold);
    }

    /** Reads the character after a backslash. */
    int escapedCodePoint(int place) {
        if (in.atEnd()) {
            throw in.error("a backslash at the end", place, null, "write \\\\ for a backslash");
        }
        int c = in.next();
        switch (c) {
            case 'a':
                return 0x07;
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return 0x0B;
            case 'x':
                return hexadecimal(place);
            default:
                break;
        }
        boolean octal = c == '0' || c >= '1' && c <= '7' && in.peek() >= '0' && in.peek() <= '7';
        if (octal) {
            in.backTo(place + 1);
            return octal();
        }
        if (c < 0x80 && !Character.isLetterOrDigit(c)) {
            return c;
        }
        throw unsupported(place, c);
    }

    private int octal() {
        int value = 0;
        for (int i = 0; i < OCTAL_DIGITS && in.peek() >= '0' && in.peek() <= '7'; i++) {
            value = value * RADIX_OCTAL + in.next() - '0';
        }
        return value;
    }

    private int hexadecimal(int place) {
        int value = 0;
        int digits = 0;
        boolean braced = in.skip("{");
        while ((braced || digits < 2) && digit(in.peek()) >= 0 && value < CodePoints.END) {
            value = value * RADIX_HEX + digit(in.next());
            digits++;
        }
        boolean complete = braced ? digits > 0 && in.skip("}") : digits == 2;
        if (!complete || value >= CodePoints.END) {
            throw in.error(
                    "escape '" + in.excerpt(place, in.place()) + "'",
                    place,
                    "\\x and two hexadecimal digits, or \\x{…} of at most 10FFFF",
                    null);
        }
        return value;
    }

    private static int digit(int c) {
        return c >= 0 && c < 0x80 ? Character.digit(c, RADIX_HEX) : -1;
    }

    private InvalidOperandException unsupported(int place, int c) {
        String text = "'" + in.excerpt(place, in.place()) + "'";
        if (c >= '1' && c <= '9' || c == 'k' || c == 'g') {
            return in.error("back-reference " + text, place, "the syntax of RE2, which has none", "write it out");
        }
        if (c == 'C') {
            return in.error("a single byte " + text, place, "whole characters", "use . with the flag s");
        }
        if (c == 'Z' || c == 'G' || c == 'K') {
            return in.error("assertion " + text, place, "\\A, \\z, \\b, \\B, ^, $", null);
        }
        return in.error("escape " + text, place, "the escapes of RE2", null);
    }

    /** Reads a class in brackets after its first bracket. */
    CodePoints bracketed(boolean fold) {
        int place = in.place() - 1;
        CodePoints.Collector set = new CodePoints.Collector();
        CodePoints.Collector ranges = new CodePoints.Collector();
        Set<String> seen = new HashSet<>();
        boolean negated = in.skip("^");
        boolean first = true;
        while (first || in.peek() != ']') {
            if (in.atEnd()) {
                throw in.error("a class without ']'", place, null, "write \\[ for a bracket");
            }
            first = false;
            int from = in.place();
            CodePoints named = named(fold);
            if (named == null) {
                range(ranges);
            } else if (seen.add(in.excerpt(from, in.place()))) {
                set.addAll(named);
            }
        }
        in.next();
        set.addAll(fold ? UnicodeClasses.folded(ranges.toSet()) : ranges.toSet());
        return negated ? set.toSet().complement() : set.toSet();
    }

    /** Reads a class within a class; null, without reading, if there is none. */
    private CodePoints named(boolean fold) {
        int place = in.place();
        if (in.skip("[:")) {
            boolean negated = in.skip("^");
            int from = in.place();
            boolean ends = in.peek() == ':' && in.peek(1) == ']';
            while (!ends && !in.atEnd() && in.place() - from < MAX_NAME) {
                in.next();
                ends = in.peek() == ':' && in.peek(1) == ']';
            }
            if (!ends) {
                in.backTo(place);
                return null;
            }
            CodePoints set = UnicodeClasses.posix(in.excerpt(from, in.place()));
            in.skip(":]");
            if (set == null) {
                throw in.error(
                        "class '" + in.excerpt(place, in.place()) + "'",
                        place,
                        "[:alpha:], [:digit:] and the other classes of POSIX",
                        null);
            }
            return finished(set, negated, fold);
        }
        if (in.skip("\\")) {
            CodePoints set = escapedClass(place, fold);
            if (set == null) {
                in.backTo(place);
            }
            return set;
        }
        return null;
    }

    private void range(CodePoints.Collector ranges) {
        int place = in.place();
        int low = codePoint();
        int high = low;
        if (in.peek() == '-' && in.peek(1) != ']' && in.peek(1) != RegexText.END) {
            in.next();
            high = codePoint();
        }
        if (high < low) {
            throw in.error("range '" + in.excerpt(place, in.place()) + "'", place, "the smaller character first", null);
        }
        ranges.add(low, high);
    }

    private int codePoint() {
        int place = in.place();
        int c = in.next();
        return c == '\\' ? escapedCodePoint(place) : c;
    }
}
