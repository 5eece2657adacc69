package dev.tenon.kernel.vector.quant;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Bytes.I8;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.QuantProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Quantisation between float32 and bytes by vectors. To quantise, a number is divided by the scale (a product with the
 * reciprocal would give other results), limited to the range of the type minus the zero point, and rounded to the nearest
 * integer, ties to even. Rounding adds a number so large that the sum has no fraction. Limiting before rounding gives the same
 * results as after it, because the bounds are integers.
 */
public final class VectorQuant implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int LANES = SimdSpecies.LANES;

    /** The size of a vector of bytes. With 128-bit vectors only the first four of its eight bytes are results. */
    private static final int BYTES = Math.max(LANES, 8);

    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 4;

    private static final float ROUNDER = 0x1.8p23f;
    private static final int ROUNDER_BITS = 0x4b400000;

    private final QuantProblem p;
    private final RowPartition partition;

    private VectorQuant(QuantProblem p) {
        this.p = p;
        this.partition = p.partition(PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the problem, with 8-bit integers. The operands are those of the operator
     * @return the kernel
     */
    public static Kernel of(QuantProblem p) {
        return new VectorQuant(p);
    }

    @Override
    public String id() {
        return "quant_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * p.unitElements() / ELEMENTS_PER_NANO;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        switch (p.kind()) {
            case DYNAMIC, CENTRED -> dynamic(operands[0], operands);
            case QUANTIZE, DEQUANTIZE -> {
                long end = partition.start(to);
                for (long unit = partition.start(from); unit < end; ) {
                    long channel = p.channels() == 1 ? 0 : unit % p.channels();
                    long next = p.channels() == 1 ? end : unit + 1;
                    convert(operands, channel, unit * p.unitElements(), next * p.unitElements());
                    unit = next;
                }
            }
        }
    }

    private void convert(MemorySegment[] operands, long channel, long from, long to) {
        float scale = operands[1].get(FLOAT, channel * Float.BYTES);
        int zero = p.zeroPoint() ? integer(operands[2].get(BYTE, channel)) : 0;
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        if (p.kind() == QuantProblem.Kind.QUANTIZE) {
            quantize(x, y, from, to, scale, zero, p.minInteger());
        } else {
            long end = to - (to - from) % LANES;
            if (p.signed()) {
                dequantizeSigned(x, y, from, end, scale, zero);
            } else {
                dequantizeUnsigned(x, y, from, end, scale, zero);
            }
            for (long i = end; i < to; i++) {
                y.set(FLOAT, i * Float.BYTES, (integer(x.get(BYTE, i)) - zero) * scale);
            }
        }
    }

    private int integer(byte b) {
        return p.signed() ? b : Byte.toUnsignedInt(b);
    }

    private static void dequantizeSigned(MemorySegment x, MemorySegment y, long from, long to, float scale, int zero) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long i = from; i < to; i += LANES) {
            IntVector v =
                    (IntVector) ByteVector.fromMemorySegment(I8, x, i, LE).convertShape(VectorOperators.B2I, I32, 0);
            ((FloatVector) v.sub(zero).convert(VectorOperators.I2F, 0))
                    .mul(scale)
                    .intoMemorySegment(y, i * Float.BYTES, LE);
        }
    }

    private static void dequantizeUnsigned(
            MemorySegment x, MemorySegment y, long from, long to, float scale, int zero) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long i = from; i < to; i += LANES) {
            IntVector v = (IntVector)
                    ByteVector.fromMemorySegment(I8, x, i, LE).convertShape(VectorOperators.ZERO_EXTEND_B2I, I32, 0);
            ((FloatVector) v.sub(zero).convert(VectorOperators.I2F, 0))
                    .mul(scale)
                    .intoMemorySegment(y, i * Float.BYTES, LE);
        }
    }

    private static void quantize(MemorySegment x, MemorySegment y, long from, long to, float scale, int zero, int min) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        float low = min - zero;
        float high = min + 255 - zero;
        // A vector of bytes may write past its results. The next vector or the scalar loop overwrites these bytes.
        long left = to - from - (BYTES - LANES);
        long end = from + Math.max(0, left - left % LANES);
        FloatVector s = FloatVector.broadcast(F32, scale);
        FloatVector l = FloatVector.broadcast(F32, low);
        for (long i = from; i < end; i += LANES) {
            FloatVector q =
                    FloatVector.fromMemorySegment(F32, x, i * Float.BYTES, LE).div(s);
            // NaN fails the comparison and becomes the lowest integer.
            FloatVector raised = l.blend(q, q.compare(VectorOperators.GE, l));
            FloatVector clamped = raised.blend(high, raised.compare(VectorOperators.GT, high));
            clamped.add(ROUNDER)
                    .reinterpretAsInts()
                    .sub(ROUNDER_BITS - zero)
                    .convertShape(VectorOperators.I2B, I8, 0)
                    .reinterpretAsBytes()
                    .intoMemorySegment(y, i, LE);
        }
        for (long i = end; i < to; i++) {
            float q = x.get(FLOAT, i * Float.BYTES) / scale;
            float clamped = q >= low ? Math.min(q, high) : low;
            y.set(BYTE, i, (byte) ((int) Math.rint(clamped) + zero));
        }
    }

    private static void centre(MemorySegment x, MemorySegment y, long size, float scale, float low) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        float high = low + 255;
        long end = size - size % LANES;
        FloatVector s = FloatVector.broadcast(F32, scale);
        FloatVector l = FloatVector.broadcast(F32, low);
        for (long i = 0; i < end; i += LANES) {
            FloatVector q =
                    FloatVector.fromMemorySegment(F32, x, i * Float.BYTES, LE).div(s);
            FloatVector raised = l.blend(q, q.compare(VectorOperators.GE, l));
            FloatVector clamped = raised.blend(high, raised.compare(VectorOperators.GT, high));
            clamped.add(ROUNDER).sub(ROUNDER).intoMemorySegment(y, i * Float.BYTES, LE);
        }
        for (long i = end; i < size; i++) {
            float q = x.get(FLOAT, i * Float.BYTES) / scale;
            float clamped = q >= low ? Math.min(q, high) : low;
            y.set(FLOAT, i * Float.BYTES, clamped + ROUNDER - ROUNDER);
        }
    }

    private void dynamic(MemorySegment x, MemorySegment[] operands) {
        float low = minimum(x, p.size());
        float high = maximum(x, p.size());
        float scale = DynamicQuantizeLinear.scale(low, high);
        int zero = DynamicQuantizeLinear.zeroPoint(low, scale);
        operands[p.output() + 1].set(FLOAT, 0, scale);
        if (p.kind() == QuantProblem.Kind.CENTRED) {
            centre(x, operands[p.output()], p.size(), scale, -zero);
            return;
        }
        operands[p.output() + 2].set(BYTE, 0, (byte) zero);
        quantize(x, operands[p.output()], 0, p.size(), scale, zero, 0);
    }

    private static float minimum(MemorySegment x, long size) {
        x = NATIVE.cast(x);
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        long i = 0;
        for (; i + 2L * LANES <= size; i += 2L * LANES) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, i * Float.BYTES, LE);
            FloatVector w = FloatVector.fromMemorySegment(F32, x, (i + LANES) * Float.BYTES, LE);
            a = FLOATS.cast(a).blend(v, v.compare(VectorOperators.LT, a));
            b = FLOATS.cast(b).blend(w, w.compare(VectorOperators.LT, b));
        }
        float low = FLOATS.cast(a).min(b).reduceLanes(VectorOperators.MIN);
        for (; i < size; i++) {
            float v = x.get(FLOAT, i * Float.BYTES);
            low = v < low ? v : low;
        }
        return low;
    }

    private static float maximum(MemorySegment x, long size) {
        x = NATIVE.cast(x);
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        long i = 0;
        for (; i + 2L * LANES <= size; i += 2L * LANES) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, i * Float.BYTES, LE);
            FloatVector w = FloatVector.fromMemorySegment(F32, x, (i + LANES) * Float.BYTES, LE);
            a = FLOATS.cast(a).blend(v, v.compare(VectorOperators.GT, a));
            b = FLOATS.cast(b).blend(w, w.compare(VectorOperators.GT, b));
        }
        float high = FLOATS.cast(a).max(b).reduceLanes(VectorOperators.MAX);
        for (; i < size; i++) {
            float v = x.get(FLOAT, i * Float.BYTES);
            high = v > high ? v : high;
        }
        return high;
    }
}
