package dev.tenon.op.text;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.text.regex.ClassParser;
import dev.tenon.op.text.regex.CodePoints;
import dev.tenon.op.text.regex.RegexText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Translates the syntax of RE2 into instructions in one pass. The instructions of a group follow each other; a
 * repetition after the group wraps or copies them. Nothing is recursive, so that only the size of the program limits
 * nesting.
 */
final class RegexParser {
    private static final int FOLD = 1;
    private static final int MULTILINE = 2;
    private static final int DOT_ALL = 4;
    // In the order of their bits. U swaps greediness, which decides which match is found, not whether there is one.
    private static final String FLAGS = "imsU";

    private static final int UNLIMITED = -1;
    private static final int MAX_REPEAT = 1000;
    private static final CodePoints NOT_NEWLINE = CodePoints.of('\n').complement();
    private static final CodePoints ANY = CodePoints.ranges(0, CodePoints.END - 1);

    private final RegexText in;
    private final RegexCode code;
    private final Re2Classes syntax = new Re2Classes(false);
    private final ClassParser<CodePoints> classes;
    private final ClassParser<CodePoints> foldedClasses;
    private final Deque<Group> open = new ArrayDeque<>();
    private final Set<String> names = new HashSet<>();
    private Group group;
    private int flags;

    /** The first instruction that a repetition would repeat; -1 if there is none. */
    private int atom = -1;

    private boolean repeated;

    /**
     * A group while it is read: its start, its current alternative, and the jumps from the ends of the earlier ones.
     */
    private static final class Group {
        private final int place;
        private final int begin;
        private final int outerFlags;
        private int alternative;
        private final List<Integer> ends = new ArrayList<>();

        Group(int place, int begin, int outerFlags) {
            this.place = place;
            this.begin = begin;
            this.outerFlags = outerFlags;
            this.alternative = begin;
        }
    }

    private RegexParser(String pattern) {
        String thing = RegexText.name(pattern);
        this.in = new RegexText(
                pattern, (found, allowed, cure) -> new InvalidOperandException(thing, found, allowed, cure));
        this.code = new RegexCode(thing);
        this.classes = new ClassParser<>(in, syntax);
        this.foldedClasses = new ClassParser<>(in, new Re2Classes(true));
        this.group = new Group(0, 0, 0);
    }

    static RegexProgram parse(String pattern) {
        RegexParser parser = new RegexParser(pattern);
        parser.parse();
        return new RegexProgram(parser.code);
    }

    private void parse() {
        while (!in.atEnd()) {
            boolean repeats = repeat();
            if (!repeats) {
                piece();
            }
            repeated = repeats;
        }
        if (!open.isEmpty()) {
            throw in.error("a group without an end", group.place, "')' for every '('", "write \\( for a parenthesis");
        }
        finishAlternatives();
        code.add(RegexCode.MATCH, 0);
    }

    private void piece() {
        int c = in.next();
        switch (c) {
            case '(' -> openGroup(in.place() - 1);
            case ')' -> closeGroup();
            case '|' -> alternative();
            case '.' -> set((flags & DOT_ALL) != 0 ? ANY : NOT_NEWLINE);
            case '[' -> set(classes().bracketed());
            case '^' ->
                assertion(
                        (flags & MULTILINE) != 0
                                ? RegexMatcher.Assertion.LINE_BEGINS
                                : RegexMatcher.Assertion.TEXT_BEGINS);
            case '$' ->
                assertion(
                        (flags & MULTILINE) != 0 ? RegexMatcher.Assertion.LINE_ENDS : RegexMatcher.Assertion.TEXT_ENDS);
            case '\\' -> escape(in.place() - 1);
            default -> literal(c);
        }
    }

    private ClassParser<CodePoints> classes() {
        return (flags & FOLD) != 0 ? foldedClasses : classes;
    }

    private void set(CodePoints set) {
        atom = code.size();
        code.addSet(set);
    }

    private void literal(int c) {
        set((flags & FOLD) != 0 ? UnicodeClasses.folded(c) : CodePoints.of(c));
    }

    private void assertion(RegexMatcher.Assertion assertion) {
        atom = code.size();
        code.add(RegexCode.ASSERT, assertion.ordinal());
    }

    private void escape(int place) {
        CodePoints named = classes().escaped(place);
        if (named != null) {
            set(named);
            return;
        }
        switch (in.peek()) {
            case 'A' -> escapedAssertion(RegexMatcher.Assertion.TEXT_BEGINS);
            case 'z' -> escapedAssertion(RegexMatcher.Assertion.TEXT_ENDS);
            case 'b' -> escapedAssertion(RegexMatcher.Assertion.WORD_BOUNDARY);
            case 'B' -> escapedAssertion(RegexMatcher.Assertion.NO_WORD_BOUNDARY);
            case 'Q' -> {
                in.next();
                while (!in.atEnd() && !in.skip("\\E")) {
                    literal(in.next());
                }
            }
            default -> literal(syntax.escape(in, place));
        }
    }

    private void escapedAssertion(RegexMatcher.Assertion assertion) {
        in.next();
        assertion(assertion);
    }

    private void openGroup(int place) {
        int outer = flags;
        if (in.skip("?")) {
            boolean named = in.skip("P<") || in.peek(1) != '=' && in.peek(1) != '!' && in.skip("<");
            if (named) {
                name(place);
            } else if (!flags(place)) {
                return;
            }
        }
        open.push(group);
        group = new Group(place, code.size(), outer);
        atom = -1;
    }

    private void name(int place) {
        StringBuilder name = new StringBuilder();
        while (in.peek() == '_' || Character.isLetterOrDigit(in.peek())) {
            name.appendCodePoint(in.next());
        }
        if (name.isEmpty() || !in.skip(">")) {
            throw in.error("a group with a malformed name", place, "(?P<name>…) of letters, digits and '_'", null);
        }
        if (!names.add(name.toString())) {
            throw in.error("a second group named '" + name + "'", place, "different names", null);
        }
    }

    /** Reads flags. True if a group begins after them; otherwise they hold to the end of the enclosing group. */
    private boolean flags(int place) {
        int changed = flags;
        boolean off = false;
        boolean any = false;
        while (true) {
            int c = in.atEnd() ? RegexText.END : in.next();
            int flag = c > 0 && c < 0x80 ? FLAGS.indexOf(c) : -1;
            if (flag >= 0) {
                changed = off ? changed & ~(1 << flag) : changed | 1 << flag;
                any = true;
            } else if (c == '-' && !off) {
                off = true;
                any = false;
            } else if ((c == ':' || c == ')') && (any || !off)) {
                flags = changed;
                return c == ':';
            } else {
                throw unsupportedGroup(place);
            }
        }
    }

    private RuntimeException unsupportedGroup(int place) {
        String begin = in.excerpt(place, place + 4);
        String construct;
        if (begin.startsWith("(?=") || begin.startsWith("(?!")) {
            construct = "look-ahead";
        } else if (begin.startsWith("(?<=") || begin.startsWith("(?<!")) {
            construct = "look-behind";
        } else if (begin.startsWith("(?>")) {
            construct = "an atomic group";
        } else if (begin.startsWith("(?#")) {
            construct = "a comment";
        } else if (begin.startsWith("(?(")) {
            construct = "a condition";
        } else if (begin.startsWith("(?P=") || begin.startsWith("(?P>")) {
            construct = "a back-reference";
        } else {
            construct = "an unknown group";
        }
        return in.error(
                construct + " '" + begin + "'",
                place,
                "the syntax of RE2: (…), (?:…), (?P<name>…), and the flags i, m, s, U",
                "write the pattern without it");
    }

    private void closeGroup() {
        if (open.isEmpty()) {
            throw in.error("')' without '('", in.place() - 1, "')' for every '('", "write \\) for a parenthesis");
        }
        finishAlternatives();
        atom = group.begin;
        flags = group.outerFlags;
        group = open.pop();
    }

    private void alternative() {
        code.insert(group.alternative, RegexCode.SPLIT, 0);
        group.ends.add(code.size());
        code.add(RegexCode.JUMP, 0);
        code.leadToEnd(group.alternative);
        group.alternative = code.size();
        atom = -1;
    }

    private void finishAlternatives() {
        for (int end : group.ends) {
            code.leadToEnd(end);
        }
    }

    /** Reads a repetition, if there is one. */
    private boolean repeat() {
        int place = in.place();
        int least;
        int most;
        switch (in.peek()) {
            case '*', '+', '?' -> {
                int c = in.next();
                least = c == '+' ? 1 : 0;
                most = c == '?' ? 1 : UNLIMITED;
            }
            case '{' -> {
                int[] counts = in.counts();
                if (counts == null) {
                    return false;
                }
                least = counts[0];
                most = counts[1];
            }
            default -> {
                return false;
            }
        }
        in.skip("?");
        String text = in.excerpt(place, in.place());
        if (atom < 0) {
            throw in.error("'" + text + "' with nothing to repeat", place, null, "write a backslash before it");
        }
        if (repeated) {
            throw in.error(
                    "'" + text + "' after a repetition",
                    place,
                    "one repetition; possessive ones are not supported",
                    "put the repetition into a group");
        }
        if (least > MAX_REPEAT || most > MAX_REPEAT || most != UNLIMITED && most < least) {
            throw in.error("repetition '" + text + "'", place, "{n}, {n,}, {n,m} with n <= m <= " + MAX_REPEAT, null);
        }
        repeat(least, most);
        return true;
    }

    private void repeat(int least, int most) {
        int length = code.size() - atom;
        if (least == 0 && most == UNLIMITED) {
            code.insert(atom, RegexCode.SPLIT, length + 2);
            code.add(RegexCode.JUMP, -(length + 1));
        } else if (least == 0 && most == 1) {
            code.insert(atom, RegexCode.SPLIT, length + 1);
        } else if (most == UNLIMITED) {
            code.reserve((least - 1L) * length + 1);
            copies(least - 1);
            code.add(RegexCode.SPLIT, -length);
        } else {
            code.reserve((Math.max(least, 1) - 1L) * length + (most - least) * (length + 1L));
            int[] block = code.cut(atom);
            for (int i = 0; i < least; i++) {
                code.add(block);
            }
            List<Integer> exits = new ArrayList<>();
            for (int i = least; i < most; i++) {
                exits.add(code.size());
                code.add(RegexCode.SPLIT, 0);
                code.add(block);
            }
            exits.forEach(code::leadToEnd);
        }
    }

    /** Appends copies of the last atom. */
    private void copies(int count) {
        int[] block = code.cut(atom);
        for (int i = 0; i <= count; i++) {
            code.add(block);
        }
    }
}
