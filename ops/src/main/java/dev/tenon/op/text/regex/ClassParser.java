package dev.tenon.op.text.regex;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads classes of characters in a regular expression: escapes such as {@code \d}, properties such as <code>\p{Lu}</code>, and
 * brackets. For one thread.
 *
 * @param <S> the type of a set of characters
 */
public final class ClassParser<S> {
    private static final int MAX_NAME = 32;

    private final RegexText in;
    private final ClassSyntax<S> syntax;
    private int parts;

    /**
     * A reader of classes.
     *
     * @param in the expression
     * @param syntax its syntax
     */
    public ClassParser(RegexText in, ClassSyntax<S> syntax) {
        this.in = in;
        this.syntax = syntax;
    }

    /**
     * Reads the class after a backslash outside of brackets.
     *
     * @param place the place of the backslash
     * @return the class; null, without reading, if there is none
     */
    public S escaped(int place) {
        return escaped(place, false);
    }

    private S escaped(int place, boolean inBrackets) {
        int c = in.peek();
        if (c == 'p' || c == 'P') {
            in.next();
            return property(place, c == 'P');
        }
        boolean negated = c >= 'A' && c <= 'Z';
        S set = syntax.letter(negated ? c + 'a' - 'A' : c, inBrackets);
        if (set == null) {
            return null;
        }
        in.next();
        return negated ? syntax.not(set) : set;
    }

    private S property(int place, boolean negated) {
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
        } else if (syntax.hasBareProperties() && !in.atEnd()) {
            name.appendCodePoint(in.next());
        }
        S set = syntax.property(name.toString());
        if (set == null) {
            throw in.error(
                    "class '" + in.excerpt(place, in.place()) + "'",
                    place,
                    "a general category of Unicode such as Lu, a script such as Greek, Any",
                    null);
        }
        return inverse ? syntax.not(set) : set;
    }

    /**
     * Reads a class in brackets after its first bracket.
     *
     * @return the class
     */
    public S bracketed() {
        int place = in.place() - 1;
        boolean negated = in.skip("^");
        S all = null;
        Items items = new Items();
        boolean first = true;
        while (first || in.peek() != ']') {
            if (in.atEnd()) {
                throw in.error("a class without ']'", place, "']' at the end of a class", "write \\[ for a bracket");
            }
            first = false;
            if (syntax.nests() && in.skip("&&")) {
                countPart();
                all = all == null ? items.set() : syntax.intersection(all, items.set());
                items = new Items();
            } else {
                items.read();
            }
        }
        in.next();
        S set = all == null ? items.set() : syntax.intersection(all, items.set());
        return negated ? syntax.not(set) : set;
    }

    private void countPart() {
        if (++parts > syntax.maxParts()) {
            throw in.error(
                    "more than " + syntax.maxParts() + " classes within brackets", in.place(), "at most that", null);
        }
    }

    /** The items of a class in brackets. */
    private final class Items {
        private final CodePoints.Collector characters = new CodePoints.Collector();
        private final List<S> classes = new ArrayList<>();
        private final Set<String> seen = new HashSet<>();

        S set() {
            CodePoints written = characters.toSet();
            if (written.size() > 0 || classes.isEmpty()) {
                classes.addFirst(syntax.of(written));
            }
            return syntax.union(classes);
        }

        void read() {
            int place = in.place();
            S found = inner();
            if (found == null) {
                range();
            } else if (seen.add(in.excerpt(place, in.place()))) {
                countPart();
                classes.add(found);
            }
        }

        private void range() {
            int place = in.place();
            int low = character();
            int high = low;
            int next = in.peek(1);
            if (in.peek() == '-' && next != ']' && next != RegexText.END && !(next == '[' && syntax.nests())) {
                in.next();
                high = character();
            }
            if (high < low) {
                String range = "range '" + in.excerpt(place, in.place()) + "'";
                throw in.error(range, place, "the smaller character first", null);
            }
            characters.add(low, high);
        }
    }

    /** Reads a class within brackets; null, without reading, if there is none. */
    private S inner() {
        int place = in.place();
        S set = null;
        if (in.skip("\\")) {
            set = escaped(place, true);
        } else if (in.skip("[:")) {
            set = posix(place);
        }
        if (set == null) {
            in.backTo(place);
        }
        if (set == null && syntax.nests() && in.skip("[")) {
            in.enter();
            set = bracketed();
            in.leave();
        }
        return set;
    }

    /** Reads a class after its colon; null if no colon ends it. */
    private S posix(int place) {
        boolean negated = in.skip("^");
        int from = in.place();
        boolean ends = in.peek() == ':' && in.peek(1) == ']';
        while (!ends && !in.atEnd() && in.place() - from < MAX_NAME) {
            in.next();
            ends = in.peek() == ':' && in.peek(1) == ']';
        }
        if (!ends) {
            return null;
        }
        S set = syntax.posix(in.excerpt(from, in.place()));
        in.skip(":]");
        if (set == null) {
            throw in.error(
                    "class '" + in.excerpt(place, in.place()) + "'",
                    place,
                    "[:alpha:], [:digit:] and the other classes of POSIX",
                    null);
        }
        return negated ? syntax.not(set) : set;
    }

    private int character() {
        int place = in.place();
        int c = in.next();
        return c == '\\' ? syntax.escape(in, place) : c;
    }
}
