package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.conv.IntegerConvKernel;
import dev.tenon.kernel.conv.IntegerConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/** Convolution of 8-bit integers. Neighbouring elements of rows are multiplied by vectors. */
public final class VectorIntegerConv extends IntegerConvKernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfInt SCALAR = ValueLayout.JAVA_INT;

    private VectorIntegerConv(IntegerConvProblem p) {
        super(p);
    }

    /**
     * The kernel of a problem.
     *
     * @param p the convolution
     * @return the kernel
     */
    public static Kernel of(IntegerConvProblem p) {
        return new VectorIntegerConv(p);
    }

    @Override
    public String id() {
        return "conv_i8_vector" + SimdSpecies.BITS;
    }

    @Override
    public long partNanos() {
        return (long) (1 + partMultiplyAdds() / LANES);
    }

    @Override
    protected void addRow(MemorySegment s, int weight, long from, int stride, int count, long to) {
        int j = stride == 1 ? addVectors(s, weight, from, count, to) : 0;
        for (; j < count; j++) {
            long at = to + (long) j * Integer.BYTES;
            s.set(SCALAR, at, s.get(SCALAR, at) + weight * s.get(SCALAR, from + (long) j * stride * Integer.BYTES));
        }
    }

    private static int addVectors(MemorySegment s, int weight, long from, int count, long to) {
        s = NATIVE.cast(s);
        IntVector w = IntVector.broadcast(I32, weight);
        int j = 0;
        for (; j <= count - LANES; j += LANES) {
            long at = (long) j * Integer.BYTES;
            INTS.cast(IntVector.fromMemorySegment(I32, s, from + at, ORDER))
                    .mul(w)
                    .add(IntVector.fromMemorySegment(I32, s, to + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        return j;
    }
}
