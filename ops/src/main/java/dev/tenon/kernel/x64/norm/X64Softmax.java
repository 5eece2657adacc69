package dev.tenon.kernel.x64.norm;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** Softmax of contiguous rows in machine code. */
public final class X64Softmax implements RowKernel {
    /** The longest row: its exponentials are added up in float32. */
    public static final int MAX_LENGTH = 8192;

    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 4;
    private static final long ROW_NANOS = 20;

    private final SoftmaxProblem p;
    private final RowPartition split;
    private final NativeFunction function;
    private final String id;

    private X64Softmax(SoftmaxProblem p, int bits) {
        this.p = p;
        this.split = RowPartition.of(p.outer(), p.length(), PART_ELEMENTS);
        this.function = SoftmaxEmitter.rows(bits);
        this.id = "softmax_f32_" + VectorEmitter.suffix(bits);
    }

    /**
     * Makes the kernel.
     *
     * @param p a problem with inner 1, that is no LogSoftmax, with rows of 1 to {@link #MAX_LENGTH} elements
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static RowKernel of(SoftmaxProblem p, int bits) {
        return new X64Softmax(p, bits);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public long rows() {
        return p.outer();
    }

    @Override
    public long rowLength() {
        return p.length();
    }

    @Override
    public long resultLength() {
        return p.length();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int part = from; part < to; part++) {
            long first = split.start(part);
            run(operands[0], first * p.length() * Float.BYTES, operands[1], first, split.start(part + 1), scratch);
        }
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        if (first >= last) {
            return;
        }
        long rowBytes = p.length() * Float.BYTES;
        long bytes = (last - first) * rowBytes;
        try {
            function.call(
                    OperandAddresses.address(x, xAt, bytes),
                    OperandAddresses.address(y, first * rowBytes, bytes),
                    last - first,
                    p.length(),
                    0,
                    0);
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(y);
        }
    }
}
