package dev.tenon.kernel.scalar.reduce;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.reduce.TopKProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * TopK by a heap of the k best elements so far, the worst one of them on top. An element and its index are one integer, which
 * has the order of the results. Most elements of a long line are worse than the top, which costs one comparison.
 */
public final class ScalarTopK implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final int NAN_KEY = Integer.MAX_VALUE;

    /** The elements between two looks at the budget, a power of two. */
    private static final int LOOK = 4096;

    /** The elements that are compared with the worst element of the heap at once. */
    private static final int RUN = 8;

    private final TopKProblem p;
    private final RowPartition partition;

    private final ScratchPool<float[]> pool;

    /**
     * A kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarTopK(TopKProblem p) {
        this.p = p;
        this.partition = RowPartition.of(p.k() == 0 ? 0 : p.outer() * p.inner(), p.length(), PART_ELEMENTS);
        this.pool = new ScratchPool<>(() -> new float[Math.min(LOOK, p.length())]);
    }

    @Override
    public String id() {
        return "topk_f32_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        int levels = Integer.SIZE - Integer.numberOfLeadingZeros(p.k());
        return 1 + partition.maxPartRows() * (p.length() + 2L * p.k() * levels);
    }

    @Override
    public long scratchBytes() {
        return (long) p.k() * Long.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        float[] elements = pool.take();
        for (long line = partition.start(from); line < partition.start(to); line++) {
            long outer = line / p.inner();
            long column = line % p.inner();
            best(operands[0], outer * p.length() * p.inner() + column, scratch, elements);
            for (int i = 0; i < p.k(); i++) {
                long to64 = (outer * p.k() + i) * p.inner() + column;
                int index = (int) scratch.getAtIndex(I64, i);
                if (operands[2] != null) {
                    float value = operands[0].getAtIndex(F32, (outer * p.length() + index) * p.inner() + column);
                    operands[2].setAtIndex(F32, to64, value);
                }
                if (operands[3] != null) {
                    operands[3].setAtIndex(I64, to64, index);
                }
            }
        }
        pool.give(elements);
    }

    /** The element and its index as an integer; a better element is a lower integer. */
    private long rank(float x, int index) {
        int bits = Float.floatToRawIntBits(x + 0.0f);
        int key = Float.isNaN(x) ? NAN_KEY : bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return (long) (p.largest() ? ~key : key) << Integer.SIZE | index;
    }

    /** Leaves the ranks of the best elements of a line in the heap, ascending. */
    private void best(MemorySegment x, long first, MemorySegment heap, float[] elements) {
        int k = p.k();
        for (int i = 0; i < k; i++) {
            look(i);
            heap.setAtIndex(I64, i, rank(x.getAtIndex(F32, first + i * p.inner()), i));
        }
        for (int i = k / 2 - 1; i >= 0; i--) {
            look(i);
            sink(heap, i, k, heap.getAtIndex(I64, i));
        }
        for (int from = k; from < p.length(); from += LOOK) {
            WorkBudget.check();
            int count = Math.min(LOOK, p.length() - from);
            if (p.inner() == 1) {
                MemorySegment.copy(x, F32, (first + from) * Float.BYTES, elements, 0, count);
            } else {
                for (int i = 0; i < count; i++) {
                    elements[i] = x.getAtIndex(F32, first + (from + i) * p.inner());
                }
            }
            scan(elements, from, count, heap);
        }
        for (int last = k - 1; last > 0; last--) {
            look(last);
            long rank = heap.getAtIndex(I64, last);
            heap.setAtIndex(I64, last, heap.getAtIndex(I64, 0));
            sink(heap, 0, last, rank);
        }
    }

    /** Puts those of some elements into the heap that are better than its worst one. The first one has the given index. */
    private void scan(float[] elements, int index, int count, MemorySegment heap) {
        long worst = heap.getAtIndex(I64, 0);
        float bound = value(worst);
        int i = 0;
        while (i < count) {
            if (count - i >= RUN && (p.largest() ? noneAbove(elements, i, bound) : noneBelow(elements, i, bound))) {
                i += RUN;
                continue;
            }
            long rank = rank(elements[i], index + i);
            if (rank < worst) {
                sink(heap, 0, p.k(), rank);
                worst = heap.getAtIndex(I64, 0);
                bound = value(worst);
            }
            i++;
        }
    }

    /** Whether all elements of a run are at least the bound. It is false if one of them or the bound is NaN. */
    private static boolean noneBelow(float[] x, int at, float bound) {
        boolean all = true;
        for (int i = 0; i < RUN; i++) {
            all &= x[at + i] >= bound;
        }
        return all;
    }

    /** Whether all elements of a run are at most the bound. It is false if one of them or the bound is NaN. */
    private static boolean noneAbove(float[] x, int at, float bound) {
        boolean all = true;
        for (int i = 0; i < RUN; i++) {
            all &= x[at + i] <= bound;
        }
        return all;
    }

    /** The element of a rank; zeros have no sign. */
    private float value(long rank) {
        int key = (int) (rank >> Integer.SIZE);
        int plain = p.largest() ? ~key : key;
        return plain == NAN_KEY ? Float.NaN : Float.intBitsToFloat(plain ^ ((plain >> 31) & Integer.MAX_VALUE));
    }

    /** Looks at the budget at some of the elements that a loop counts. */
    private static void look(int element) {
        if ((element & (LOOK - 1)) == LOOK - 1) {
            WorkBudget.check();
        }
    }

    /** Puts a rank into the heap, at a place or below, so that no child is worse than its parent. */
    private static void sink(MemorySegment heap, int place, int size, long rank) {
        int at = place;
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            long below = heap.getAtIndex(I64, child);
            if (child + 1 < size && heap.getAtIndex(I64, child + 1) > below) {
                child++;
                below = heap.getAtIndex(I64, child);
            }
            if (rank >= below) {
                break;
            }
            heap.setAtIndex(I64, at, below);
            at = child;
        }
        heap.setAtIndex(I64, at, rank);
    }
}
