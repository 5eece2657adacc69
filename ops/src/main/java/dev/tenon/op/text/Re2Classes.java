package dev.tenon.op.text;

import dev.tenon.op.text.regex.ClassSyntax;
import dev.tenon.op.text.regex.CodePoints;
import dev.tenon.op.text.regex.RegexText;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The classes of RE2. For one thread. */
final class Re2Classes implements ClassSyntax<CodePoints> {
    private static final int OCTAL_DIGITS = 3;
    private static final int RADIX_OCTAL = 8;

    /** The sets with the other cases of their characters; null if case matters. */
    private final Map<CodePoints, CodePoints> folded;

    Re2Classes(boolean fold) {
        this.folded = fold ? new IdentityHashMap<>() : null;
    }

    /** A class with the other cases of its characters; null for null. */
    private CodePoints named(CodePoints set) {
        return set == null || folded == null ? set : folded.computeIfAbsent(set, UnicodeClasses::folded);
    }

    @Override
    public CodePoints of(CodePoints characters) {
        return folded == null ? characters : UnicodeClasses.folded(characters);
    }

    @Override
    public CodePoints not(CodePoints set) {
        return set.complement();
    }

    @Override
    public CodePoints union(List<CodePoints> sets) {
        CodePoints.Collector all = new CodePoints.Collector();
        sets.forEach(all::addAll);
        return all.toSet();
    }

    @Override
    public CodePoints intersection(CodePoints a, CodePoints b) {
        return union(List.of(a.complement(), b.complement())).complement();
    }

    @Override
    public CodePoints letter(int letter, boolean inBrackets) {
        return named(UnicodeClasses.perl(letter));
    }

    @Override
    public CodePoints property(String name) {
        return named(UnicodeClasses.unicode(name));
    }

    @Override
    public CodePoints posix(String name) {
        return named(UnicodeClasses.posix(name));
    }

    @Override
    public boolean hasBareProperties() {
        return true;
    }

    @Override
    public boolean nests() {
        return false;
    }

    @Override
    public int maxParts() {
        return Integer.MAX_VALUE;
    }

    @Override
    public int escape(RegexText in, int place) {
        if (in.atEnd()) {
            throw in.error("a backslash at the end", place, null, "write \\\\ for a backslash");
        }
        int c = in.next();
        int control = RegexText.control(c);
        if (control >= 0) {
            return control;
        }
        if (c == 'x') {
            return hexadecimal(in, place);
        }
        if (c == '0' || isOctal(c) && isOctal(in.peek())) {
            in.backTo(place + 1);
            return octal(in);
        }
        if (c < 0x80 && !Character.isLetterOrDigit(c)) {
            return c;
        }
        throw unsupported(in, place, c);
    }

    private static boolean isOctal(int c) {
        return c >= '0' && c <= '7';
    }

    private static int octal(RegexText in) {
        int value = 0;
        for (int i = 0; i < OCTAL_DIGITS && isOctal(in.peek()); i++) {
            value = value * RADIX_OCTAL + in.next() - '0';
        }
        return value;
    }

    private static int hexadecimal(RegexText in, int place) {
        boolean braced = in.skip("{");
        int value = braced ? in.hexadecimal(1, Integer.MAX_VALUE) : in.hexadecimal(2, 2);
        boolean ends = !braced || in.skip("}");
        if (value < 0 || !ends) {
            throw in.error(
                    "escape '" + in.excerpt(place, in.place()) + "'",
                    place,
                    "\\x and two hexadecimal digits, or \\x{…} of at most 10FFFF",
                    null);
        }
        return value;
    }

    private static RuntimeException unsupported(RegexText in, int place, int c) {
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
}
