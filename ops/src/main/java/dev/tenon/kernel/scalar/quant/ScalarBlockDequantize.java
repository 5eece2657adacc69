package dev.tenon.kernel.scalar.quant;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.BlockDequantizeProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Dequantisation of blocks by scalar loops. */
public final class ScalarBlockDequantize implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final int NIBBLE = 4;
    private static final long PART_ELEMENTS = 8 << 10;

    private final BlockDequantizeProblem p;
    private final RowPartition partition;

    /**
     * A kernel.
     *
     * @param p the problem
     */
    public ScalarBlockDequantize(BlockDequantizeProblem p) {
        this.p = p;
        partition = RowPartition.of(p.outer() * p.length(), p.inner(), PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "block_dequantize_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * p.inner() * 2;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long end = partition.start(to);
        for (long row = partition.start(from); row < end; ) {
            long index = row % p.length();
            long numbers = (row / p.length() * p.blocks() + index / p.block()) * p.inner();
            if (p.inner() == 1) {
                long last = Math.min(Math.min(end, row - index + p.length()), row + p.block() - index % p.block());
                float scale = operands[1].get(F32, numbers * Float.BYTES);
                int zero = p.zeroPoint() ? integer(operands[2], numbers) : 0;
                run(operands, row, last, scale, zero);
                row = last;
            } else {
                across(operands, row * p.inner(), numbers);
                row++;
            }
        }
    }

    /** Elements that share a scale. */
    private void run(MemorySegment[] operands, long from, long to, float scale, int zero) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        for (long i = from; i < to; i++) {
            y.set(F32, i * Float.BYTES, (integer(x, i) - zero) * scale);
        }
    }

    /** Neighbouring elements, each of which has a scale of its own. */
    private void across(MemorySegment[] operands, long from, long numbers) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        for (long i = 0; i < p.inner(); i++) {
            int zero = p.zeroPoint() ? integer(operands[2], numbers + i) : 0;
            float scale = operands[1].get(F32, (numbers + i) * Float.BYTES);
            y.set(F32, (from + i) * Float.BYTES, (integer(x, from + i) - zero) * scale);
        }
    }

    private int integer(MemorySegment s, long i) {
        if (p.bits() == Byte.SIZE) {
            byte b = s.get(I8, i);
            return p.signed() ? b : b & 0xFF;
        }
        int code = s.get(I8, i >> 1) >> ((i & 1) * NIBBLE) & 15;
        return p.signed() ? code << 28 >> 28 : code;
    }
}
