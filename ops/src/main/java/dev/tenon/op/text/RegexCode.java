package dev.tenon.op.text;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.text.regex.CodePoints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The instructions of a nondeterministic automaton during its construction. Targets are relative, so that instructions
 * can be moved and copied together if no jump leads into them or out of them.
 *
 * <p>An instruction holds its kind in the lowest bits and its argument above.
 */
final class RegexCode {
    /** Continues after it, and at the relative target. */
    static final int SPLIT = 0;
    /** Continues at the relative target. */
    static final int JUMP = 1;
    /** Continues if an assertion holds. */
    static final int ASSERT = 2;
    /** Reads a code point of a set and continues. */
    static final int SET = 3;
    /** The end. */
    static final int MATCH = 4;

    /** The largest number of instructions. */
    static final int MAX_SIZE = 1 << 15;
    /** The largest number of bounds of all sets together. */
    static final int MAX_BOUNDS = 1 << 15;

    private static final int KIND_BITS = 3;
    private static final int KIND_MASK = (1 << KIND_BITS) - 1;
    private static final int FIRST_CAPACITY = 64;

    private final String thing;
    private final Map<CodePoints, Integer> indices = new HashMap<>();
    private final List<CodePoints> sets = new ArrayList<>();
    private int bounds;
    private int[] code = new int[FIRST_CAPACITY];
    private int size;

    RegexCode(String thing) {
        this.thing = thing;
    }

    static int kind(int instruction) {
        return instruction & KIND_MASK;
    }

    static int argument(int instruction) {
        return instruction >> KIND_BITS;
    }

    int size() {
        return size;
    }

    int[] toArray() {
        return Arrays.copyOf(code, size);
    }

    List<CodePoints> sets() {
        return sets;
    }

    void add(int kind, int argument) {
        insert(size, kind, argument);
    }

    /** Adds a set, or uses an equal one. */
    void addSet(CodePoints set) {
        Integer index = indices.get(set);
        if (index == null) {
            bounds += set.size();
            if (bounds > MAX_BOUNDS) {
                throw new ResourceLimitException(
                        thing,
                        "has classes of more than " + MAX_BOUNDS / 2 + " ranges",
                        "at most " + MAX_BOUNDS / 2 + " together",
                        "use fewer or simpler classes");
            }
            index = sets.size();
            indices.put(set, index);
            sets.add(set);
        }
        add(SET, index);
    }

    /** Inserts an instruction before those at a place. No instruction before the place may jump over it. */
    void insert(int at, int kind, int argument) {
        reserve(1);
        System.arraycopy(code, at, code, at + 1, size - at);
        code[at] = argument << KIND_BITS | kind;
        size++;
    }

    /** Makes an earlier instruction lead to the current end. */
    void leadToEnd(int at) {
        code[at] = size - at << KIND_BITS | kind(code[at]);
    }

    /** Removes the instructions from a place on. */
    int[] cut(int from) {
        int[] block = Arrays.copyOfRange(code, from, size);
        size = from;
        return block;
    }

    void add(int[] block) {
        reserve(block.length);
        System.arraycopy(block, 0, code, size, block.length);
        size += block.length;
    }

    /** Makes room, or fails if the limit would be exceeded. */
    void reserve(long more) {
        if (size + more > MAX_SIZE) {
            throw new ResourceLimitException(
                    thing,
                    "needs an automaton of more than " + MAX_SIZE + " states",
                    "at most " + MAX_SIZE,
                    "use smaller counts in repetitions");
        }
        if (size + more > code.length) {
            code = Arrays.copyOf(code, (int) Math.max(size + more, 2L * code.length));
        }
    }
}
