package dev.tenon.op.text;

import dev.tenon.op.text.regex.CodePoints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A nondeterministic automaton over classes of code points. No set and no assertion distinguishes the code points of a
 * class. Immutable.
 */
final class RegexProgram {
    private static final int ASCII = 128;

    private final int[] code;
    private final List<CodePoints> sets;
    private final boolean asserts;
    private final int[] bounds;
    private final int[] asciiClasses = new int[ASCII];

    RegexProgram(RegexCode code) {
        this.code = code.toArray();
        this.sets = List.copyOf(code.sets());
        this.asserts = Arrays.stream(this.code).anyMatch(i -> RegexCode.kind(i) == RegexCode.ASSERT);
        this.bounds = bounds();
        for (int c = 0; c < ASCII; c++) {
            asciiClasses[c] = search(c);
        }
    }

    private int[] bounds() {
        List<CodePoints> told = new ArrayList<>(sets);
        if (asserts) {
            told.add(UnicodeClasses.perl('w'));
            told.add(CodePoints.of('\n'));
        }
        int count = 0;
        for (CodePoints set : told) {
            count += set.size();
        }
        int[] all = new int[count];
        int at = 0;
        for (CodePoints set : told) {
            for (int i = 0; i < set.size(); i++) {
                all[at++] = set.bound(i);
            }
        }
        return Arrays.stream(all).sorted().distinct().toArray();
    }

    int size() {
        return code.length;
    }

    int instruction(int at) {
        return code[at];
    }

    /** Whether there are assertions. */
    boolean asserts() {
        return asserts;
    }

    int classes() {
        return bounds.length + 1;
    }

    int classOf(int codePoint) {
        return codePoint < ASCII ? asciiClasses[codePoint] : search(codePoint);
    }

    private int search(int codePoint) {
        int i = Arrays.binarySearch(bounds, codePoint);
        return i >= 0 ? i + 1 : -i - 1;
    }

    /** A code point of a class. */
    int representative(int c) {
        return c == 0 ? 0 : bounds[c - 1];
    }

    boolean contains(int set, int codePoint) {
        return sets.get(set).contains(codePoint);
    }
}
