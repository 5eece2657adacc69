package dev.tenon.kernel.vector;

import dev.tenon.kernel.IntegerConvKernel;
import dev.tenon.kernel.IntegerConvProblem;
import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Convolution of 8-bit integers, rows of neighbouring elements by vectors. */
public final class VectorIntegerConv extends IntegerConvKernel {
    private static final VectorSpecies<Integer> I = VectorShape.Integers.I32;
    private static final int LANES = I.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;

    private VectorIntegerConv(IntegerConvProblem p) {
        super(p);
    }

    /**
     * A kernel.
     *
     * @param p the convolution
     * @return the kernel
     */
    public static Kernel of(IntegerConvProblem p) {
        return new VectorIntegerConv(p);
    }

    @Override
    public String id() {
        return "conv_i8_vector" + VectorShape.BITS;
    }

    @Override
    public long partNanos() {
        return (long) (1 + partWork() / LANES);
    }

    @Override
    protected void addRow(MemorySegment s, int weight, long from, int stride, int count, long to) {
        int j = stride == 1 ? addVectors(s, weight, from, count, to) : 0;
        for (; j < count; j++) {
            long at = to + (long) j * Integer.BYTES;
            s.set(I32, at, s.get(I32, at) + weight * s.get(I32, from + (long) j * stride * Integer.BYTES));
        }
    }

    private static int addVectors(MemorySegment s, int weight, long from, int count, long to) {
        IntVector w = IntVector.broadcast(I, weight);
        int j = 0;
        for (; j <= count - LANES; j += LANES) {
            long at = (long) j * Integer.BYTES;
            IntVector.fromMemorySegment(I, s, from + at, ORDER)
                    .mul(w)
                    .add(IntVector.fromMemorySegment(I, s, to + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        return j;
    }
}
