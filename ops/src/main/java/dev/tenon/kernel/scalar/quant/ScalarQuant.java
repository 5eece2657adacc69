package dev.tenon.kernel.scalar.quant;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.QuantProblem;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Quantisation by scalar loops. */
public final class ScalarQuant implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final long PART_ELEMENTS = 8 << 10;
    private static final long NANOS_PER_ELEMENT = 2;

    private final QuantProblem p;
    private final RowPartition partition;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are those of the operator
     */
    public ScalarQuant(QuantProblem p) {
        this.p = p;
        this.partition = p.partition(PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "quant_f32_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * p.unitElements() * NANOS_PER_ELEMENT;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        switch (p.kind()) {
            case DYNAMIC, CENTRED -> dynamic(x, operands);
            case QUANTIZE, DEQUANTIZE -> {
                long end = partition.start(to);
                for (long unit = partition.start(from); unit < end; ) {
                    long channel = p.channels() == 1 ? 0 : unit % p.channels();
                    long next = p.channels() == 1 ? end : unit + 1;
                    float scale = operands[1].get(F32, channel * Float.BYTES);
                    int zero = p.zeroPoint() ? integer(operands[2], channel) : 0;
                    run(x, y, unit * p.unitElements(), next * p.unitElements(), scale, zero);
                    unit = next;
                }
            }
        }
    }

    private void run(MemorySegment x, MemorySegment y, long from, long to, float scale, int zero) {
        if (p.kind() == QuantProblem.Kind.QUANTIZE) {
            quantize(x, y, from, to, scale, zero);
        } else {
            for (long i = from; i < to; i++) {
                y.set(F32, i * Float.BYTES, (float) ((long) integer(x, i) - zero) * scale);
            }
        }
    }

    private int integer(MemorySegment x, long i) {
        if (p.bits() == Integer.SIZE) {
            return x.get(I32, i * Integer.BYTES);
        }
        byte b = x.get(I8, i);
        return p.signed() ? b : Byte.toUnsignedInt(b);
    }

    private void quantize(MemorySegment x, MemorySegment y, long from, long to, float scale, int zero) {
        int min = p.minInteger();
        float low = min - zero;
        float high = min + 255 - zero;
        for (long i = from; i < to; i++) {
            float q = x.get(F32, i * Float.BYTES) / scale;
            // NaN fails the comparison and becomes the lowest integer.
            float clamped = q >= low ? Math.min(q, high) : low;
            y.set(I8, i, (byte) ((int) Math.rint(clamped) + zero));
        }
    }

    private void centre(MemorySegment x, MemorySegment y, float scale, int zero) {
        float low = -zero;
        float high = 255 - zero;
        for (long i = 0; i < p.size(); i++) {
            float q = x.get(F32, i * Float.BYTES) / scale;
            float clamped = q >= low ? Math.min(q, high) : low;
            // No integer is a negative zero.
            y.set(F32, i * Float.BYTES, (float) Math.rint(clamped) + 0f);
        }
    }

    private void dynamic(MemorySegment x, MemorySegment[] operands) {
        float low = 0;
        float high = 0;
        for (long i = 0; i < p.size(); i++) {
            float v = x.get(F32, i * Float.BYTES);
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
        float scale = DynamicQuantizeLinear.scale(low, high);
        int zero = DynamicQuantizeLinear.zeroPoint(low, scale);
        operands[p.output() + 1].set(F32, 0, scale);
        if (p.kind() == QuantProblem.Kind.CENTRED) {
            centre(x, operands[p.output()], scale, zero);
            return;
        }
        operands[p.output() + 2].set(I8, 0, (byte) zero);
        quantize(x, operands[p.output()], 0, p.size(), scale, zero);
    }
}
