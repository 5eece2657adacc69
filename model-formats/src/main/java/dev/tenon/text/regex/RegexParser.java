package dev.tenon.text.regex;

import dev.tenon.text.regex.Node.Greed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Reads expressions in the syntax of Oniguruma, as far as tokenizers use it. */
final class RegexParser {
    /** The largest number in braces. */
    static final int MAX_COUNT = 1000;

    /** The most quantifiers of one part, so that the syntax tree stays flat. */
    private static final int MAX_QUANTIFIERS = 8;

    private final Source in;
    private final ClassParser classes;
    private boolean ignoreCase;
    private boolean dotAll;

    private RegexParser(Source in) {
        this.in = in;
        this.classes = new ClassParser(in);
    }

    static Node parse(Source in) {
        RegexParser parser = new RegexParser(in);
        Node all = parser.choice();
        if (in.more()) {
            throw in.unsupported("')'", "the end of the expression");
        }
        return all;
    }

    private Node choice() {
        boolean oldCase = ignoreCase;
        boolean oldDot = dotAll;
        List<Node> choices = new ArrayList<>();
        do {
            choices.add(sequence());
        } while (in.take('|'));
        ignoreCase = oldCase;
        dotAll = oldDot;
        return choices.size() == 1 ? choices.getFirst() : new Node.Choice(List.copyOf(choices));
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (in.more() && in.peek() != '|' && in.peek() != ')') {
            Node atom = atom();
            if (atom != null) {
                parts.add(quantified(atom));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : new Node.Sequence(List.copyOf(parts));
    }

    private Node quantified(Node atom) {
        Node node = atom;
        for (int count = 0; ; count++) {
            int least;
            int most;
            boolean braces = false;
            if (in.take('*')) {
                least = 0;
                most = Integer.MAX_VALUE;
            } else if (in.take('+')) {
                least = 1;
                most = Integer.MAX_VALUE;
            } else if (in.take('?')) {
                least = 0;
                most = 1;
            } else if (in.take('{')) {
                braces = true;
                least = in.number(0);
                most = in.take(',') ? in.number(Integer.MAX_VALUE) : least;
                in.expect('}');
            } else {
                return node;
            }
            if (count == MAX_QUANTIFIERS) {
                throw in.unsupported("more than " + MAX_QUANTIFIERS + " quantifiers of one part", "at most that");
            }
            Greed greed = in.take('?') ? Greed.LAZY : !braces && in.take('+') ? Greed.POSSESSIVE : Greed.GREEDY;
            if (most < least) {
                throw in.unsupported("a repetition of at most less than at least", "ascending numbers");
            }
            if (braces && greed == Greed.LAZY && least == most || braces && in.peek() == '+') {
                throw in.unsupported("braces with another quantifier", "one quantifier");
            }
            if (node.mayBeEmpty() && most > 1) {
                throw in.unsupported("a repetition of a part that may be empty", "parts with a character");
            }
            node = new Node.Repeat(node, least, most, greed);
        }
    }

    // Null for an option in the middle of a group, which is no node.
    private Node atom() {
        int c = in.next();
        return switch (c) {
            case '(' -> group();
            case '[' -> {
                in.enter();
                Node one = one(classes.bracket());
                in.leave();
                yield one;
            }
            case '.' -> {
                boolean all = dotAll;
                yield one(x -> all || x != '\n');
            }
            case '^' -> Node.Place.LINE_START;
            case '$' -> Node.Place.LINE_END;
            case '\\' -> escape(in.next());
            case '*', '+', '?' -> throw in.unsupported("a quantifier without a part before it", "a part");
            default -> one(x -> x == c);
        };
    }

    private Node one(IntPredicate set) {
        return new Node.One(ignoreCase ? CharacterSet.ignoringCase(set) : CharacterSet.of(set));
    }

    private Node escape(int letter) {
        return switch (letter) {
            case 'A' -> Node.Place.START;
            case 'z' -> Node.Place.END;
            case 'Z' -> Node.Place.LAST_LINE_END;
            case 'b' -> Node.Place.WORD_BOUNDARY;
            case 'B' -> Node.Place.NO_WORD_BOUNDARY;
            default -> escapedCharacters(letter);
        };
    }

    private Node escapedCharacters(int letter) {
        IntPredicate set = classes.escape(letter);
        if (set != null) {
            return one(set);
        }
        int c = in.literalEscape(letter);
        return one(x -> x == c);
    }

    private Node group() {
        in.enter();
        try {
            if (!in.take('?')) {
                return closed(choice());
            }
            if (in.take(':')) {
                return closed(choice());
            }
            if (in.take('>')) {
                return closed(new Node.Atomic(choice()));
            }
            if (in.take('=')) {
                return look(true, false);
            }
            if (in.take('!')) {
                return look(true, true);
            }
            if (in.take("<=")) {
                return look(false, false);
            }
            if (in.take("<!")) {
                return look(false, true);
            }
            return options();
        } finally {
            in.leave();
        }
    }

    private Node closed(Node node) {
        in.expect(')');
        return node;
    }

    private Node options() {
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
                    Node body = choice();
                    ignoreCase = oldCase;
                    dotAll = oldDot;
                    return closed(body);
                }
                case ')' -> {
                    ignoreCase = newCase;
                    dotAll = newDot;
                    return null;
                }
                default ->
                    throw in.unsupported("the group (?" + Character.toString(c), "(?: (?> (?= (?! (?<= (?<! (?i)");
            }
        }
    }

    private Node look(boolean ahead, boolean negative) {
        Node body = closed(choice());
        if (!(body instanceof Node.One one)) {
            throw in.unsupported("a look at more than one character", "one character or class in it");
        }
        return new Node.Look(one.set(), ahead, negative);
    }
}
