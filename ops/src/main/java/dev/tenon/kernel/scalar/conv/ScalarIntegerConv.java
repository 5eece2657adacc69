package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.conv.IntegerConvKernel;
import dev.tenon.kernel.conv.IntegerConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Convolution of 8-bit integers by plain loops. */
public final class ScalarIntegerConv extends IntegerConvKernel {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the convolution
     */
    public ScalarIntegerConv(IntegerConvProblem p) {
        super(p);
    }

    @Override
    public String id() {
        return "conv_i8_scalar";
    }

    @Override
    public long partNanos() {
        return (long) (1 + partMultiplyAdds() / 2);
    }

    @Override
    protected void addRow(MemorySegment s, int weight, long from, int stride, int count, long to) {
        for (int j = 0; j < count; j++) {
            long at = to + (long) j * Integer.BYTES;
            s.set(I32, at, s.get(I32, at) + weight * s.get(I32, from + (long) j * stride * Integer.BYTES));
        }
    }
}
