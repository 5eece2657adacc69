package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.tabular.LookupProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Translates numbers by a table: it finds the keys of a block of elements, then writes their values. */
public final class ScalarLookup implements Kernel {
    private static final ValueLayout.OfInt INDEX = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort B2 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG;
    private static final int PART_ELEMENTS = 16 * KeyIndices.BLOCK;
    private static final int ELEMENT_NANOS = 2;

    private final LookupProblem p;
    private final RowPartition partition;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the numbers and the results
     */
    public ScalarLookup(LookupProblem p) {
        this.p = p;
        this.partition = RowPartition.of(p.count(), 1, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "lookup_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + ELEMENT_NANOS * partition.maxPartRows();
    }

    @Override
    public long scratchBytes() {
        return Math.min(KeyIndices.BLOCK, p.count()) * Integer.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long last = partition.start(to);
        for (long first = partition.start(from); first < last; first += KeyIndices.BLOCK) {
            int n = (int) Math.min(KeyIndices.BLOCK, last - first);
            KeyIndices.find(p.table(), p.dtype(), operands[0], first, n, scratch);
            write(operands[1], first, n, scratch);
        }
    }

    private void write(MemorySegment y, long first, int n, MemorySegment found) {
        long[] all = p.values();
        int other = all.length - 1;
        switch (p.valueBytes()) {
            case Long.BYTES -> {
                for (int i = 0; i < n; i++) {
                    y.set(B8, (first + i) * Long.BYTES, all[index(found, i, other)]);
                }
            }
            case Integer.BYTES -> {
                for (int i = 0; i < n; i++) {
                    y.set(B4, (first + i) * Integer.BYTES, (int) all[index(found, i, other)]);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    y.set(B2, (first + i) * Short.BYTES, (short) all[index(found, i, other)]);
                }
            }
        }
    }

    private static int index(MemorySegment found, int i, int other) {
        int k = found.get(INDEX, 4L * i);
        return k < 0 ? other : k;
    }
}
