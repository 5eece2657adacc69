package dev.tenon.kernel.scalar.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.tabular.OneHotEncoderProblem;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One row for each number: it finds the categories of a block of elements, writes zeros, then the ones. */
public final class ScalarOneHotEncoder implements Kernel {
    private static final ValueLayout.OfInt INDEX = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int PART_ELEMENTS = 32 << 10;
    private static final int BLOCK_ELEMENTS = 4 << 10;
    private static final int ROW_NANOS = 4;
    private static final int ZEROS_PER_NANO = 16;

    private final OneHotEncoderProblem p;
    private final int categories;
    private final RowPartition partition;

    /** The rows of a block, whose results stay in the first-level cache between the zeros and the ones. */
    private final int blockRows;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the numbers and the results
     */
    public ScalarOneHotEncoder(OneHotEncoderProblem p) {
        this.p = p;
        this.categories = p.categories().size();
        this.partition = RowPartition.of(p.count(), categories, PART_ELEMENTS);
        this.blockRows = Math.clamp(BLOCK_ELEMENTS / categories, 1, KeyIndices.BLOCK);
    }

    @Override
    public String id() {
        return "one_hot_encoder_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * (ROW_NANOS + categories / ZEROS_PER_NANO);
    }

    @Override
    public long scratchBytes() {
        return Math.min(blockRows, p.count()) * Integer.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[1];
        long last = partition.start(to);
        for (long first = partition.start(from); first < last; first += blockRows) {
            int n = (int) Math.min(blockRows, last - first);
            KeyIndices.findWhole(p.categories(), p.dtype(), operands[0], first, n, scratch);
            if (!p.zeros()) {
                check(operands[0], first, n, scratch);
            }
            long at = first * categories * Float.BYTES;
            for (int i = 0; i < n * categories; i++) {
                y.set(F32, at + 4L * i, 0);
            }
            for (int i = 0; i < n; i++) {
                int category = scratch.get(INDEX, 4L * i);
                if (category >= 0) {
                    y.set(F32, at + ((long) i * categories + category) * Float.BYTES, 1);
                }
            }
        }
    }

    private void check(MemorySegment x, long first, int n, MemorySegment found) {
        for (int i = 0; i < n; i++) {
            if (found.get(INDEX, 4L * i) < 0) {
                throw new InvalidOperandException(
                        "OneHotEncoder",
                        "element " + (first + i) + " is " + text(p.dtype(), x, first + i),
                        "a category, as zeros is 0",
                        null);
            }
        }
    }

    private static String text(DType dtype, MemorySegment x, long i) {
        return switch (dtype) {
            case FLOAT32 -> String.valueOf((double) x.get(F32, i * Float.BYTES));
            case FLOAT64 -> String.valueOf(x.get(ValueLayout.JAVA_DOUBLE, i * Double.BYTES));
            case INT32 -> String.valueOf(x.get(ValueLayout.JAVA_INT, i * Integer.BYTES));
            default -> String.valueOf(x.get(ValueLayout.JAVA_LONG, i * Long.BYTES));
        };
    }
}
