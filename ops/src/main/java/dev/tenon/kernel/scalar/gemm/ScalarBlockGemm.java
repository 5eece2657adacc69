package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.BlockGemmProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Products with weights in blocks by plain loops in float32: a column's weights are made numbers, then multiplied with each
 * row.
 */
public final class ScalarBlockGemm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 20_000;
    private static final int NIBBLE = 4;

    private final BlockGemmProblem p;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the problem, whose weights are not packed
     */
    public ScalarBlockGemm(BlockGemmProblem p) {
        this.p = p;
        partition = RowPartition.of(p.n(), (long) Math.max(1, p.m()) * Math.max(1, p.k()), PART_WORK);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), weightBytes());
    }

    private long weightBytes() {
        return (long) p.k() * Float.BYTES;
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "block_gemm_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * (p.m() + 2L) * p.k();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(p.epilogue(), weightBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.yOperand()];
        for (long column = partition.start(from); column < partition.start(to); column++) {
            weights(operands, column, scratch);
            float bias = p.bias() < 0 ? 0 : operands[p.bias()].get(F32, column * Float.BYTES);
            for (int row = 0; row < p.m(); row++) {
                float sum = dot(operands[0], (long) row * p.k() * Float.BYTES, scratch) + bias;
                y.set(F32, ((long) row * p.n() + column) * Float.BYTES, sum);
            }
        }
        long first = partition.start(from);
        int columns = (int) (partition.start(to) - first);
        if (epilogue != null && p.m() > 0 && columns > 0) {
            epilogue.apply(y, first * Float.BYTES, p.m(), columns, p.n(), operands, scratch);
        }
    }

    private void weights(MemorySegment[] operands, long column, MemorySegment to) {
        for (int i = 0; i < p.k(); i++) {
            long number = column * p.blocks() + i / p.block();
            int zero = p.hasZeros() ? integer(operands[BlockGemmProblem.ZEROS], number) : 0;
            float scale = operands[2].get(F32, number * Float.BYTES);
            to.set(F32, (long) i * Float.BYTES, (integer(operands[1], column * p.k() + i) - zero) * scale);
        }
    }

    private int integer(MemorySegment s, long i) {
        if (p.bits() == Byte.SIZE) {
            byte b = s.get(ValueLayout.JAVA_BYTE, i);
            return p.signed() ? b : b & 0xFF;
        }
        int code = s.get(ValueLayout.JAVA_BYTE, i / 2) >> (i % 2 * NIBBLE) & 15;
        return p.signed() ? code << 28 >> 28 : code;
    }

    private float dot(MemorySegment a, long at, MemorySegment weights) {
        double sum = 0;
        for (int i = 0; i < p.k(); i++) {
            long place = (long) i * Float.BYTES;
            sum += (double) a.get(F32, at + place) * weights.get(F32, place);
        }
        return (float) sum;
    }
}
