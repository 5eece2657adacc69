package dev.tenon.op.text;

import dev.tenon.op.Operands;
import dev.tenon.op.text.regex.CodePoints;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs an automaton over texts. It builds a deterministic automaton, as far as the texts need it. The states are
 * dropped when they take too much memory, so that a step costs at most one pass over the program for all texts. For one
 * thread.
 */
final class RegexMatcher {
    // The kinds of neighbours of a place in the text, as assertions distinguish them.
    private static final int TEXT_START = 0;
    private static final int NEWLINE = 1;
    private static final int WORD = 2;
    private static final int OTHER = 3;
    private static final int TEXT_END = 4;

    /** A number of ints or references. */
    private static final int MAX_MEMORY = 1 << 20;

    private static final int STATE_MEMORY = 32;

    private final RegexProgram program;
    private final CodePoints words = UnicodeClasses.perl('w');
    private final Map<Key, State> states = new HashMap<>();
    private final int[] marks;
    private int mark;
    private final int[] stack;
    private int depth;
    private final int[] found;
    private int foundCount;
    private int memory;
    private State start;

    /** The instructions that are reached before their assertions are decided, and the neighbour before them. */
    private record Key(int[] instructions, int before) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && before == that.before && Arrays.equals(instructions, that.instructions);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(instructions) + before;
        }
    }

    private static final class State {
        private final Key key;
        private final State[] next;
        private Boolean accepts;

        State(Key key, int classes) {
            this.key = key;
            this.next = new State[classes];
        }

        boolean isDead() {
            return key.instructions.length == 0;
        }
    }

    RegexMatcher(RegexProgram program) {
        this.program = program;
        this.marks = new int[program.size()];
        this.stack = new int[2 * program.size() + 1];
        this.found = new int[program.size()];
    }

    /** Whether a whole text matches. A text that is not UTF-8 does not. */
    boolean matches(byte[] utf8) {
        Operands.work(utf8.length);
        State state = start();
        int at = 0;
        while (at < utf8.length) {
            int codePoint = utf8[at];
            if (codePoint >= 0) {
                at++;
            } else {
                int length = Utf8.length(utf8, at);
                if (length == 0) {
                    return false;
                }
                codePoint = Utf8.codePoint(utf8, at, length);
                at += length;
            }
            int c = program.classOf(codePoint);
            State next = state.next[c];
            if (next == null) {
                next = step(state, c);
            }
            if (next.isDead()) {
                return false;
            }
            state = next;
        }
        if (state.accepts == null) {
            state.accepts = accepts(state);
        }
        return state.accepts;
    }

    private State start() {
        if (start == null) {
            begin();
            reach(0);
            start = state(TEXT_START);
        }
        return start;
    }

    private State step(State state, int c) {
        int codePoint = program.representative(c);
        int after = kind(codePoint);
        int[] from = settled(state, after);
        Operands.work(from.length);
        begin();
        for (int at : from) {
            int instruction = program.instruction(at);
            if (RegexCode.kind(instruction) == RegexCode.SET
                    && program.contains(RegexCode.argument(instruction), codePoint)) {
                reach(at + 1);
            }
        }
        State next = state(program.asserts() ? after : OTHER);
        state.next[c] = next;
        return next;
    }

    private boolean accepts(State state) {
        for (int at : settled(state, TEXT_END)) {
            if (RegexCode.kind(program.instruction(at)) == RegexCode.MATCH) {
                return true;
            }
        }
        return false;
    }

    /** The instructions of a state, and those after the assertions that hold before the next character. */
    private int[] settled(State state, int after) {
        if (!program.asserts()) {
            return state.key.instructions;
        }
        begin();
        for (int at : state.key.instructions) {
            reach(at);
        }
        for (int i = 0; i < foundCount; i++) {
            int instruction = program.instruction(found[i]);
            if (RegexCode.kind(instruction) == RegexCode.ASSERT
                    && holds(Assertion.values()[RegexCode.argument(instruction)], state.key.before, after)) {
                reach(found[i] + 1);
            }
        }
        return Arrays.copyOf(found, foundCount);
    }

    /** The condition that an assertion makes on a place. */
    enum Assertion {
        TEXT_BEGINS,
        TEXT_ENDS,
        LINE_BEGINS,
        LINE_ENDS,
        WORD_BOUNDARY,
        NO_WORD_BOUNDARY
    }

    private static boolean holds(Assertion assertion, int before, int after) {
        return switch (assertion) {
            case TEXT_BEGINS -> before == TEXT_START;
            case TEXT_ENDS -> after == TEXT_END;
            case LINE_BEGINS -> before == TEXT_START || before == NEWLINE;
            case LINE_ENDS -> after == TEXT_END || after == NEWLINE;
            case WORD_BOUNDARY -> (before == WORD) != (after == WORD);
            case NO_WORD_BOUNDARY -> (before == WORD) == (after == WORD);
        };
    }

    private int kind(int codePoint) {
        if (codePoint == '\n') {
            return NEWLINE;
        }
        return words.contains(codePoint) ? WORD : OTHER;
    }

    /** Begins a set of instructions. */
    private void begin() {
        mark++;
        foundCount = 0;
    }

    /** Adds an instruction, or the instructions that it leads to without reading and without an assertion. */
    private void reach(int first) {
        depth = 0;
        push(first);
        while (depth > 0) {
            int at = stack[--depth];
            int instruction = program.instruction(at);
            switch (RegexCode.kind(instruction)) {
                case RegexCode.JUMP -> push(at + RegexCode.argument(instruction));
                case RegexCode.SPLIT -> {
                    push(at + RegexCode.argument(instruction));
                    push(at + 1);
                }
                default -> found[foundCount++] = at;
            }
        }
    }

    private void push(int at) {
        if (marks[at] != mark) {
            marks[at] = mark;
            stack[depth++] = at;
        }
    }

    private State state(int before) {
        int[] instructions = Arrays.copyOf(found, foundCount);
        Arrays.sort(instructions);
        Key key = new Key(instructions, before);
        State known = states.get(key);
        if (known != null) {
            return known;
        }
        int cost = instructions.length + program.classes() + STATE_MEMORY;
        if (memory + cost > MAX_MEMORY) {
            states.clear();
            start = null;
            memory = 0;
        }
        memory += cost;
        State state = new State(key, program.classes());
        states.put(key, state);
        return state;
    }
}
