package dev.tenon.text.regex;

import dev.tenon.op.text.regex.RegexText;
import dev.tenon.text.regex.RegexNode.Greed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The instructions of an expression. Immutable once it is made. */
final class Instructions {
    /** One character of a set: ONE set. */
    static final int ONE = 0;

    /** A choice, the first target first: SPLIT target target. */
    static final int SPLIT = 1;

    /** JUMP target. */
    static final int JUMP = 2;

    /** A repetition of one character: LOOP set least most greed. */
    static final int LOOP = 3;

    /** A look at a character: LOOK set ahead negative. */
    static final int LOOK = 4;

    /** A place: PLACE ordinal. */
    static final int PLACE = 5;

    /** The start of a part that is tried in one way only. */
    static final int OPEN = 6;

    /** The end of it. */
    static final int CLOSE = 7;

    /** The end of the expression. */
    static final int MATCH = 8;

    private static final int MAX_LENGTH = 1 << 14;

    private final RegexText source;
    private final List<CharacterSet> sets = new ArrayList<>();
    private int[] code = new int[64];
    private int length;

    private Instructions(RegexText source) {
        this.source = source;
    }

    static Instructions of(RegexNode node, RegexText source) {
        Instructions made = new Instructions(source);
        made.compile(node);
        made.emit(MATCH);
        return made;
    }

    int[] code() {
        return Arrays.copyOf(code, length);
    }

    CharacterSet[] sets() {
        return sets.toArray(CharacterSet[]::new);
    }

    private int emit(int... words) {
        int at = length;
        if (length + words.length > MAX_LENGTH) {
            throw source.error(
                    "an expression of more than " + MAX_LENGTH + " words", source.place(), "a shorter one", null);
        }
        if (length + words.length > code.length) {
            code = Arrays.copyOf(code, Math.max(2 * code.length, length + words.length));
        }
        for (int word : words) {
            code[length++] = word;
        }
        return at;
    }

    private int set(CharacterSet set) {
        sets.add(set);
        return sets.size() - 1;
    }

    private void compile(RegexNode node) {
        switch (node) {
            case RegexNode.One one -> emit(ONE, set(one.set()));
            case RegexNode.Sequence sequence -> sequence.parts().forEach(this::compile);
            case RegexNode.Choice choice -> choice(choice.choices());
            case RegexNode.Repeat repeat -> repeat(repeat);
            case RegexNode.Atomic atomic -> {
                emit(OPEN);
                compile(atomic.body());
                emit(CLOSE);
            }
            case RegexNode.Look look -> emit(LOOK, set(look.set()), look.ahead() ? 1 : 0, look.negative() ? 1 : 0);
            case RegexNode.Place place -> emit(PLACE, place.ordinal());
        }
    }

    private void choice(List<RegexNode> choices) {
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < choices.size() - 1; i++) {
            int split = emit(SPLIT, 0, 0);
            code[split + 1] = length;
            compile(choices.get(i));
            ends.add(emit(JUMP, 0));
            code[split + 2] = length;
        }
        compile(choices.getLast());
        ends.forEach(end -> code[end + 1] = length);
    }

    private void repeat(RegexNode.Repeat repeat) {
        if (repeat.body() instanceof RegexNode.One one) {
            emit(
                    LOOP,
                    set(one.set()),
                    repeat.least(),
                    repeat.most(),
                    repeat.greed().ordinal());
            return;
        }
        if (repeat.greed() == Greed.POSSESSIVE) {
            emit(OPEN);
        }
        for (int i = 0; i < repeat.least(); i++) {
            compile(repeat.body());
        }
        boolean lazy = repeat.greed() == Greed.LAZY;
        if (repeat.most() == Integer.MAX_VALUE) {
            int split = emit(SPLIT, 0, 0);
            code[split + (lazy ? 2 : 1)] = length;
            compile(repeat.body());
            emit(JUMP, split);
            code[split + (lazy ? 1 : 2)] = length;
        } else {
            List<Integer> splits = new ArrayList<>();
            for (int i = repeat.least(); i < repeat.most(); i++) {
                int split = emit(SPLIT, 0, 0);
                splits.add(split);
                code[split + (lazy ? 2 : 1)] = length;
                compile(repeat.body());
            }
            splits.forEach(split -> code[split + (lazy ? 1 : 2)] = length);
        }
        if (repeat.greed() == Greed.POSSESSIVE) {
            emit(CLOSE);
        }
    }
}
