package dev.tenon.text.regex;

import dev.tenon.op.text.regex.ClassParser;
import dev.tenon.op.text.regex.RegexText;
import dev.tenon.text.regex.RegexNode.Greed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Reads expressions in the syntax of Oniguruma, as far as tokenizers use it. */
final class OnigurumaParser {
    /** The largest number in braces. */
    private static final int MAX_COUNT = 1000;

    /** The most quantifiers of one part, so that the syntax tree stays flat. */
    private static final int MAX_QUANTIFIERS = 8;

    private final RegexText in;
    private final OnigurumaClasses syntax = new OnigurumaClasses();
    private final ClassParser<IntPredicate> classes;
    private boolean ignoreCase;
    private boolean dotAll;

    private OnigurumaParser(RegexText in) {
        this.in = in;
        this.classes = new ClassParser<>(in, syntax);
    }

    static RegexNode parse(RegexText in) {
        OnigurumaParser parser = new OnigurumaParser(in);
        RegexNode all = parser.choice();
        if (!in.atEnd()) {
            throw parser.unsupported("')'", "the end of the expression");
        }
        return all;
    }

    private RegexNode choice() {
        boolean oldCase = ignoreCase;
        boolean oldDot = dotAll;
        List<RegexNode> choices = new ArrayList<>();
        do {
            choices.add(sequence());
        } while (in.skip("|"));
        ignoreCase = oldCase;
        dotAll = oldDot;
        return choices.size() == 1 ? choices.getFirst() : new RegexNode.Choice(List.copyOf(choices));
    }

    private RegexNode sequence() {
        List<RegexNode> parts = new ArrayList<>();
        while (!in.atEnd() && in.peek() != '|' && in.peek() != ')') {
            RegexNode atom = atom();
            if (atom != null) {
                parts.add(quantified(atom));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : new RegexNode.Sequence(List.copyOf(parts));
    }

    private RegexNode quantified(RegexNode atom) {
        RegexNode node = atom;
        for (int count = 0; ; count++) {
            int least;
            int most;
            boolean braces = false;
            if (in.skip("*")) {
                least = 0;
                most = Integer.MAX_VALUE;
            } else if (in.skip("+")) {
                least = 1;
                most = Integer.MAX_VALUE;
            } else if (in.skip("?")) {
                least = 0;
                most = 1;
            } else if (in.skip("{")) {
                braces = true;
                least = number(0);
                most = in.skip(",") ? number(Integer.MAX_VALUE) : least;
                in.expect("}");
            } else {
                return node;
            }
            if (count == MAX_QUANTIFIERS) {
                throw unsupported("more than " + MAX_QUANTIFIERS + " quantifiers of one part", "at most that");
            }
            Greed greed = in.skip("?") ? Greed.LAZY : !braces && in.skip("+") ? Greed.POSSESSIVE : Greed.GREEDY;
            if (most < least) {
                throw unsupported("a repetition of at most less than at least", "ascending numbers");
            }
            if (braces && greed == Greed.LAZY && least == most || braces && in.peek() == '+') {
                throw unsupported("braces with another quantifier", "one quantifier");
            }
            if (node.mayBeEmpty() && most > 1) {
                throw unsupported("a repetition of a part that may be empty", "parts with a character");
            }
            node = new RegexNode.Repeat(node, least, most, greed);
        }
    }

    private int number(int missing) {
        int value = in.number();
        if (value > MAX_COUNT) {
            throw unsupported("a repetition of " + value, "at most " + MAX_COUNT);
        }
        return value < 0 ? missing : value;
    }

    private RuntimeException unsupported(String found, String allowed) {
        return in.error(found, in.place(), allowed, null);
    }

    // Null for an option in the middle of a group, which is no node.
    private RegexNode atom() {
        int c = in.next();
        return switch (c) {
            case '(' -> group();
            case '[' -> {
                in.enter();
                RegexNode one = one(classes.bracketed());
                in.leave();
                yield one;
            }
            case '.' -> {
                boolean all = dotAll;
                yield one(x -> all || x != '\n');
            }
            case '^' -> RegexNode.Place.LINE_START;
            case '$' -> RegexNode.Place.LINE_END;
            case '\\' -> escape(in.place() - 1);
            case '*', '+', '?' -> throw unsupported("a quantifier without a part before it", "a part");
            default -> one(x -> x == c);
        };
    }

    private RegexNode one(IntPredicate set) {
        return new RegexNode.One(ignoreCase ? CharacterSet.ignoringCase(set) : CharacterSet.of(set));
    }

    private RegexNode escape(int place) {
        RegexNode.Place assertion =
                switch (in.peek()) {
                    case 'A' -> RegexNode.Place.START;
                    case 'z' -> RegexNode.Place.END;
                    case 'Z' -> RegexNode.Place.LAST_LINE_END;
                    case 'b' -> RegexNode.Place.WORD_BOUNDARY;
                    case 'B' -> RegexNode.Place.NO_WORD_BOUNDARY;
                    default -> null;
                };
        if (assertion != null) {
            in.next();
            return assertion;
        }
        IntPredicate set = classes.escaped(place);
        if (set != null) {
            return one(set);
        }
        int c = syntax.escape(in, place);
        return one(x -> x == c);
    }

    private RegexNode group() {
        in.enter();
        try {
            if (!in.skip("?")) {
                return closed(choice());
            }
            if (in.skip(":")) {
                return closed(choice());
            }
            if (in.skip(">")) {
                return closed(new RegexNode.Atomic(choice()));
            }
            if (in.skip("=")) {
                return look(true, false);
            }
            if (in.skip("!")) {
                return look(true, true);
            }
            if (in.skip("<=")) {
                return look(false, false);
            }
            if (in.skip("<!")) {
                return look(false, true);
            }
            return options();
        } finally {
            in.leave();
        }
    }

    private RegexNode closed(RegexNode node) {
        in.expect(")");
        return node;
    }

    private RegexNode options() {
        boolean on = true;
        boolean newCase = ignoreCase;
        boolean newDot = dotAll;
        while (true) {
            int c = in.next();
            switch (c) {
                case '-' -> on = false;
                case 'i' -> newCase = on;
                case 'm' -> newDot = on;
                case ':' -> {
                    boolean oldCase = ignoreCase;
                    boolean oldDot = dotAll;
                    ignoreCase = newCase;
                    dotAll = newDot;
                    RegexNode body = choice();
                    ignoreCase = oldCase;
                    dotAll = oldDot;
                    return closed(body);
                }
                case ')' -> {
                    ignoreCase = newCase;
                    dotAll = newDot;
                    return null;
                }
                default -> throw unsupported("the group (?" + Character.toString(c), "(?: (?> (?= (?! (?<= (?<! (?i)");
            }
        }
    }

    private RegexNode look(boolean ahead, boolean negative) {
        RegexNode body = closed(choice());
        if (!(body instanceof RegexNode.One one)) {
            throw unsupported("a look at more than one character", "one character or class in it");
        }
        return new RegexNode.Look(one.set(), ahead, negative);
    }
}
