package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.QuantizedSumProblem;
import dev.tenon.kernel.quant.SumTerms;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.byteconv.SumEmitter.Argument;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** Sums of bytes. Elements that do not fill a vector go through a copy. */
public final class X64ByteSum implements Kernel {
    private static final long PART_ELEMENTS = 1 << 16;
    private static final int MAX_VECTOR = 64;
    private static final long ELEMENTS_PER_NANO = 16;

    private final QuantizedSumProblem p;
    private final RowPartition partition;
    private final int vector;
    private final int bits;
    private final String id;
    private final NativeFunction function;

    private X64ByteSum(QuantizedSumProblem p, int bits) {
        this.p = p;
        this.bits = bits;
        partition = RowPartition.of(p.size(), 1, PART_ELEMENTS);
        vector = bits / Byte.SIZE;
        SumEmitter emitter = new SumEmitter(bits, p.signed());
        id = bits == 512 ? "sum_i8_avx512" : "sum_i8_avx2";
        function = KernelCode.of(emitter.id(), emitter::emit);
    }

    /**
     * The kernel of a problem.
     *
     * @param p the problem
     * @param bits the width of vectors, 256 or 512
     * @return the kernel
     */
    public static Kernel of(QuantizedSumProblem p, int bits) {
        return new X64ByteSum(p, bits);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() / ELEMENTS_PER_NANO;
    }

    @Override
    public long scratchBytes() {
        return SumEmitter.BYTES + 3 * MAX_VECTOR;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0 || input == QuantizedSumProblem.SECOND;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment a = operands[0];
        MemorySegment b = operands[QuantizedSumProblem.SECOND];
        MemorySegment y = operands[p.output()];
        long first = partition.start(from);
        long count = partition.start(to) - first;
        if (count == 0) {
            return;
        }
        Objects.checkFromIndexSize(first, count, a.byteSize());
        Objects.checkFromIndexSize(first, count, b.byteSize());
        Objects.checkFromIndexSize(first, count, y.byteSize());
        Objects.checkFromIndexSize(0, scratchBytes(), scratch.byteSize());
        Argument.FACTOR_A.set(scratch, SumTerms.factor(operands, 1));
        Argument.FACTOR_B.set(scratch, SumTerms.factor(operands, QuantizedSumProblem.SECOND + 1));
        Argument.FIXED.set(scratch, SumTerms.fixed(p, operands));
        Argument.LARGEST.set(scratch, RequantizedRows.LARGEST);
        RoundedBytes.setOrder(scratch, SumEmitter.ORDER_OFFSET, bits);
        try {
            long turns = count / vector;
            if (turns > 0) {
                add(a.address() + first, b.address() + first, y.address() + first, turns, scratch);
            }
            long done = first + turns * vector;
            long rest = count - turns * vector;
            if (rest > 0) {
                MemorySegment.copy(a, done, scratch, SumEmitter.BYTES, rest);
                MemorySegment.copy(b, done, scratch, SumEmitter.BYTES + MAX_VECTOR, rest);
                long copy = scratch.address() + SumEmitter.BYTES;
                add(copy, copy + MAX_VECTOR, copy + 2 * MAX_VECTOR, 1, scratch);
                MemorySegment.copy(scratch, SumEmitter.BYTES + 2 * MAX_VECTOR, y, done, rest);
            }
        } finally {
            Reference.reachabilityFence(a);
            Reference.reachabilityFence(b);
            Reference.reachabilityFence(y);
            Reference.reachabilityFence(scratch);
        }
    }

    private void add(long a, long b, long y, long turns, MemorySegment block) {
        Argument.A.set(block, a);
        Argument.B.set(block, b);
        Argument.Y.set(block, y);
        Argument.TURNS.set(block, turns);
        function.call(block.address());
    }
}
