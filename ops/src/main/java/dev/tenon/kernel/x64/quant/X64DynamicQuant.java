package dev.tenon.kernel.x64.quant;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.quant.QuantProblem;
import dev.tenon.kernel.quant.QuantProblem.Kind;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.nativecode.NativeFunction;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Quantisation of float32 to bytes whose scale and zero point are computed from the numbers, in machine code, as two stages: each
 * part of the first one finds the least and the greatest number of its own, and the second one quantises with those of all parts.
 */
public final class X64DynamicQuant {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 64 << 10;

    /** The elements of a nanosecond that each of the stages reads. */
    private static final long ELEMENTS_PER_NANO = 8;

    /** The bytes of the least and the greatest number of a part. */
    private static final long RANGE_BYTES = 2L * Float.BYTES;

    private X64DynamicQuant() {}

    /**
     * A kernel.
     *
     * @param p the problem, with 8-bit integers. The operands are those of the operator
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(QuantProblem p, int bits) {
        RowPartition partition = RowPartition.of(p.size(), 1, PART_ELEMENTS);
        List<Kernel> stages = List.of(new Range(p, bits, partition), new Conversion(p, bits, partition));
        return StagedKernel.of(X64Quant.id(bits), stages, Math.max(1, partition.parts()) * RANGE_BYTES);
    }

    /** The operand after the outputs. */
    private static MemorySegment shared(QuantProblem p, MemorySegment[] operands) {
        return operands[p.output() + (p.kind() == Kind.CENTRED ? 2 : 3)];
    }

    /** Finds the least and the greatest number of each part, or 0 if that is less or greater. */
    private static final class Range implements Kernel {
        private final QuantProblem p;
        private final RowPartition partition;
        private final NativeFunction function;
        private final String id;

        private Range(QuantProblem p, int bits, RowPartition partition) {
            this.p = p;
            this.partition = partition;
            function = QuantEmitter.range(bits);
            id = X64Quant.id(bits);
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public int parts() {
            return Math.max(1, partition.parts());
        }

        @Override
        public long partNanos() {
            return 1 + partition.maxPartRows() / ELEMENTS_PER_NANO;
        }

        @Override
        public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
            MemorySegment ranges = shared(p, operands);
            try {
                for (int part = from; part < Math.min(to, partition.parts()); part++) {
                    long first = partition.start(part);
                    long n = partition.start(part + 1) - first;
                    long x = OperandAddresses.address(operands[0], first * Float.BYTES, n * Float.BYTES);
                    long range = OperandAddresses.address(ranges, part * RANGE_BYTES, RANGE_BYTES);
                    function.call(x, n, range, 0, 0, 0);
                }
            } finally {
                OperandAddresses.fence(operands);
            }
        }
    }

    /** Quantises with the range of all parts. */
    private static final class Conversion implements Kernel {
        private final QuantProblem p;
        private final RowPartition partition;
        private final X64Quant bytes;
        private final NativeFunction centre;

        private Conversion(QuantProblem p, int bits, RowPartition partition) {
            this.p = p;
            this.partition = partition;
            boolean centred = p.kind() == Kind.CENTRED;
            bytes = centred ? null : new X64Quant(p, bits);
            centre = centred ? QuantEmitter.centre(bits) : null;
        }

        @Override
        public String id() {
            return "quantize";
        }

        @Override
        public int parts() {
            // There is a scale even if there is nothing to quantise.
            return Math.max(1, partition.parts());
        }

        @Override
        public long partNanos() {
            return 1 + partition.maxPartRows() / ELEMENTS_PER_NANO;
        }

        @Override
        public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
            MemorySegment ranges = shared(p, operands);
            float low = 0;
            float high = 0;
            for (int part = 0; part < partition.parts(); part++) {
                low = Math.min(low, ranges.get(F32, part * RANGE_BYTES));
                high = Math.max(high, ranges.get(F32, part * RANGE_BYTES + Float.BYTES));
            }
            float scale = DynamicQuantizeLinear.scale(low, high);
            int zero = DynamicQuantizeLinear.zeroPoint(low, scale);
            if (from == 0) {
                operands[p.output() + 1].set(F32, 0, scale);
                if (bytes != null) {
                    operands[p.output() + 2].set(ValueLayout.JAVA_BYTE, 0, (byte) zero);
                }
            }
            try {
                for (int part = from; part < Math.min(to, partition.parts()); part++) {
                    long first = partition.start(part);
                    long end = partition.start(part + 1);
                    if (bytes == null) {
                        centre(operands, first, end - first, scale, -zero);
                    } else {
                        bytes.quantize(operands[0], operands[p.output()], first, end, scale, zero);
                    }
                }
            } finally {
                OperandAddresses.fence(operands);
            }
        }

        private void centre(MemorySegment[] operands, long at, long n, float scale, float low) {
            long source = OperandAddresses.address(operands[0], at * Float.BYTES, n * Float.BYTES);
            long target = OperandAddresses.address(operands[p.output()], at * Float.BYTES, n * Float.BYTES);
            centre.call(source, target, n, Float.floatToRawIntBits(scale), Float.floatToRawIntBits(low), 0);
        }
    }
}
