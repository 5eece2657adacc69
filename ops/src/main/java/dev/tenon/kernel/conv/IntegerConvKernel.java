package dev.tenon.kernel.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.IntegerConvProblem.Requantisation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Convolution of 8-bit integers: the planes of a group become int32 less their zero point in scratch, and a plane of sums
 * is made of their rows, each scaled by one weight. Sums are exact or wrap around, so that their order does not matter.
 */
public abstract class IntegerConvKernel implements Kernel {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final int BYTE = 0xFF;

    /** Planes of a part at least, since each part may have to prepare the input. */
    private static final long PART_PLANES = 4;

    private static final long PART_WORK = 400_000;

    private final IntegerConvProblem p;
    private final RowPartition split;
    private final long sumsAt;

    /**
     * A kernel.
     *
     * @param p the convolution, whose planes of a group hold less than 2<sup>31</sup> elements
     */
    protected IntegerConvKernel(IntegerConvProblem p) {
        this.p = p;
        long each = (long) Math.max(1, p.planeWork());
        RowPartition parts = RowPartition.of(p.planes(), each, PART_WORK);
        this.split = new RowPartition(p.planes(), Math.max(parts.rowsPerPart(), PART_PLANES));
        this.sumsAt = Math.ceilDiv(p.inputs() * p.window().pixels() * Integer.BYTES, 64) * 64;
    }

    /**
     * Adds some elements, each times a weight.
     *
     * @param s the memory of both
     * @param weight the weight
     * @param from the byte offset of the first element
     * @param stride the distance of the elements
     * @param count how many there are
     * @param to the byte offset of the sum of the first, those of the others lying behind it
     */
    protected abstract void addRow(MemorySegment s, int weight, long from, int stride, int count, long to);

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long scratchBytes() {
        return sumsAt + p.window().windows() * Integer.BYTES;
    }

    /**
     * The multiplications of a part.
     *
     * @return at least 1
     */
    protected double partWork() {
        return 1 + split.most() * p.planeWork();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long made = -1;
        for (long plane = split.start(from); plane < split.start(to); plane++) {
            long group = plane / p.outputs();
            if (group != made) {
                prepare(operands, group, scratch);
                made = group;
            }
            int channel = (int) (plane % ((long) p.groups() * p.outputs()));
            sum(operands, channel, scratch);
            finish(operands, plane, channel, scratch);
        }
    }

    private static int integer(MemorySegment m, long at, boolean signed) {
        byte b = m.get(I8, at);
        return signed ? b : b & BYTE;
    }

    private void prepare(MemorySegment[] operands, long group, MemorySegment s) {
        int zero = p.xZero() < 0 ? 0 : integer(operands[p.xZero()], 0, p.signedX());
        int count = (int) (p.inputs() * p.window().pixels());
        long at = group * count;
        if (p.signedX()) {
            for (int i = 0; i < count; i++) {
                s.set(I32, (long) i * Integer.BYTES, operands[0].get(I8, at + i) - zero);
            }
        } else {
            for (int i = 0; i < count; i++) {
                s.set(I32, (long) i * Integer.BYTES, (operands[0].get(I8, at + i) & BYTE) - zero);
            }
        }
    }

    private void sum(MemorySegment[] operands, int channel, MemorySegment s) {
        for (int i = 0; i < p.window().windows(); i++) {
            s.set(I32, sumsAt + (long) i * Integer.BYTES, 0);
        }
        int zero = p.wZero() < 0 ? 0 : integer(operands[p.wZero()], p.zeroPerChannel() ? channel : 0, p.signedW());
        int taps = (int) p.window().taps();
        long pixels = p.window().pixels();
        boolean whole = p.window().isIdentity();
        for (int c = 0; c < p.inputs(); c++) {
            long plane = c * pixels * Integer.BYTES;
            long at = ((long) channel * p.inputs() + c) * taps;
            for (int t = 0; t < taps; t++) {
                int weight = integer(operands[p.w()], at + t, p.signedW()) - zero;
                if (weight == 0) {
                    continue;
                }
                if (whole) {
                    addRow(s, weight, plane, 1, (int) pixels, sumsAt);
                } else {
                    addTap(s, weight, plane, t);
                }
            }
        }
    }

    /** Adds what one tap of one channel sees of all windows. */
    private void addTap(MemorySegment s, int weight, long plane, int tap) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        int r = tap / columns.kernel();
        int t = tap % columns.kernel();
        int first = columns.firstWindow(t);
        int count = columns.endWindow(t) - first;
        if (count <= 0) {
            return;
        }
        long column = columns.start(first) + (long) t * columns.dilation();
        for (int i = rows.firstWindow(r); i < rows.endWindow(r); i++) {
            long row = rows.start(i) + (long) r * rows.dilation();
            long from = plane + (row * columns.input() + column) * Integer.BYTES;
            long to = sumsAt + ((long) i * columns.output() + first) * Integer.BYTES;
            addRow(s, weight, from, columns.stride(), count, to);
        }
    }

    private void finish(MemorySegment[] operands, long plane, int channel, MemorySegment s) {
        MemorySegment y = operands[p.output()];
        long count = p.window().windows();
        Requantisation q = p.quantised();
        if (q == null) {
            MemorySegment.copy(s, sumsAt, y, plane * count * Integer.BYTES, count * Integer.BYTES);
            return;
        }
        float scale = operands[q.wScale()].get(F32, q.scalePerChannel() ? (long) channel * Float.BYTES : 0);
        float factor = operands[q.xScale()].get(F32, 0) * scale / operands[q.yScale()].get(F32, 0);
        int bias = q.bias() < 0 ? 0 : operands[q.bias()].get(I32, (long) channel * Integer.BYTES);
        float zero = integer(operands[q.yZero()], 0, q.signedY());
        int least = q.signedY() ? Byte.MIN_VALUE : 0;
        int most = q.signedY() ? Byte.MAX_VALUE : BYTE;
        for (int i = 0; i < count; i++) {
            float quotient = (s.get(I32, sumsAt + (long) i * Integer.BYTES) + bias) * factor;
            double value = Math.rint(quotient) + zero;
            // NaN becomes the least number.
            int result = value >= least ? (int) Math.min(value, most) : least;
            y.set(I8, plane * count + i, (byte) result);
        }
    }
}
