package dev.tenon.kernel.x64.quant;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.QuantProblem;
import dev.tenon.kernel.quant.QuantProblem.Kind;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Quantisation between float32 and bytes in machine code. To quantise, a number is divided by the scale, limited to the range of
 * the type minus the zero point, and rounded to the nearest integer, ties to even. So results are those of the reference, bit
 * for bit. The elements after the last whole vector are left to a plain loop.
 */
public final class X64Quant implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 4;

    /** The elements of a call, so that no call is long. */
    private static final long CALL_ELEMENTS = 1 << 20;

    private static final int RANGE = 255;

    private final QuantProblem p;
    private final RowPartition partition;
    private final int lanes;
    private final String id;
    private final NativeFunction convert;

    X64Quant(QuantProblem p, int bits) {
        this.p = p;
        this.partition = p.partition(PART_ELEMENTS);
        this.lanes = bits / Float.SIZE;
        this.id = id(bits);
        this.convert =
                p.kind() == Kind.DEQUANTIZE ? QuantEmitter.dequantize(bits, p.signed()) : QuantEmitter.quantize(bits);
    }

    /**
     * A kernel.
     *
     * @param p the problem, with 8-bit integers. The operands are those of the operator
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(QuantProblem p, int bits) {
        return p.isDynamic() ? X64DynamicQuant.of(p, bits) : new X64Quant(p, bits);
    }

    static String id(int bits) {
        return "quant_f32_" + VectorEmitter.suffix(bits);
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
        return 1 + partition.maxPartRows() * p.unitElements() / ELEMENTS_PER_NANO;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        try {
            long end = partition.start(to);
            for (long unit = partition.start(from); unit < end; ) {
                long channel = p.channels() == 1 ? 0 : unit % p.channels();
                long next = p.channels() == 1 ? end : unit + 1;
                float scale = operands[1].get(F32, channel * Float.BYTES);
                int zero = p.zeroPoint() ? integer(operands[2].get(I8, channel)) : 0;
                convert(operands, unit * p.unitElements(), next * p.unitElements(), scale, zero);
                unit = next;
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    private void convert(MemorySegment[] operands, long from, long to, float scale, int zero) {
        if (p.kind() == Kind.QUANTIZE) {
            quantize(operands[0], operands[p.output()], from, to, scale, zero);
        } else {
            dequantize(operands[0], operands[p.output()], from, to, scale, zero);
        }
    }

    private int integer(byte b) {
        return p.signed() ? b : Byte.toUnsignedInt(b);
    }

    private void dequantize(MemorySegment x, MemorySegment y, long from, long to, float scale, int zero) {
        long whole = to - (to - from) % lanes;
        for (long at = from; at < whole; at += CALL_ELEMENTS) {
            long n = Math.min(CALL_ELEMENTS, whole - at);
            long source = OperandAddresses.address(x, at, n);
            long target = OperandAddresses.address(y, at * Float.BYTES, n * Float.BYTES);
            convert.call(source, target, n, Float.floatToRawIntBits(scale), zero, 0);
        }
        for (long i = whole; i < to; i++) {
            y.set(F32, i * Float.BYTES, (integer(x.get(I8, i)) - zero) * scale);
        }
    }

    /** Quantises some elements with one scale. */
    void quantize(MemorySegment x, MemorySegment y, long from, long to, float scale, int zero) {
        float low = p.minInteger() - zero;
        float high = p.minInteger() + RANGE - zero;
        long whole = to - (to - from) % lanes;
        for (long at = from; at < whole; at += CALL_ELEMENTS) {
            long n = Math.min(CALL_ELEMENTS, whole - at);
            long source = OperandAddresses.address(x, at * Float.BYTES, n * Float.BYTES);
            long target = OperandAddresses.address(y, at, n);
            convert.call(source, target, n, Float.floatToRawIntBits(scale), Float.floatToRawIntBits(low), zero);
        }
        for (long i = whole; i < to; i++) {
            float q = x.get(F32, i * Float.BYTES) / scale;
            float clamped = q >= low ? Math.min(q, high) : low;
            y.set(I8, i, (byte) ((int) Math.rint(clamped) + zero));
        }
    }
}
