package dev.tenon.kernel.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.IntegerConvProblem.Requantisation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Convolution of 8-bit integers, except for its innermost loop, which a tier adds. The input planes of a group are
 * widened to int32 in scratch memory, less their zero point. An output plane is then the sum of their rows, each times
 * one weight. Sums are exact or wrap around, so that their order does not matter.
 */
public abstract class IntegerConvKernel implements Kernel {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final int BYTE = 0xFF;

    /** The fewest planes of a part: each part may have to widen the input planes again. */
    private static final long MIN_PART_PLANES = 4;

    private static final long PART_WORK = 400_000;

    private final IntegerConvProblem p;
    private final RowPartition partition;
    private final long sumsOffset;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the convolution; the input planes of a group hold less than 2<sup>31</sup> elements
     */
    protected IntegerConvKernel(IntegerConvProblem p) {
        this.p = p;
        long planeWork = (long) Math.max(1, p.planeMultiplyAdds());
        RowPartition parts = RowPartition.of(p.planes(), planeWork, PART_WORK);
        this.partition = new RowPartition(p.planes(), Math.max(parts.rowsPerPart(), MIN_PART_PLANES));
        this.sumsOffset = Math.ceilDiv(p.inputChannels() * p.window().pixels() * Integer.BYTES, 64) * 64;
    }

    /**
     * Adds int32 elements, each times a weight, to neighbouring sums.
     *
     * @param memory the memory of elements and sums
     * @param weight the weight
     * @param from the byte offset of the first element
     * @param stride elements from one element to the next
     * @param count the number of elements
     * @param sum the byte offset of the first sum; the others follow it
     */
    protected abstract void addRow(MemorySegment memory, int weight, long from, int stride, int count, long sum);

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long scratchBytes() {
        return sumsOffset + p.window().windows() * Integer.BYTES;
    }

    /**
     * The number of multiply-adds of a part.
     *
     * @return at least 1
     */
    protected double partMultiplyAdds() {
        return 1 + partition.maxPartRows() * p.planeMultiplyAdds();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long loadedGroup = -1;
        for (long plane = partition.start(from); plane < partition.start(to); plane++) {
            long group = plane / p.outputChannels();
            if (group != loadedGroup) {
                loadGroup(operands, group, scratch);
                loadedGroup = group;
            }
            int channel = (int) (plane % ((long) p.groups() * p.outputChannels()));
            sumPlane(operands, channel, scratch);
            store(operands, plane, channel, scratch);
        }
    }

    private static int integer(MemorySegment m, long at, boolean signed) {
        byte b = m.get(I8, at);
        return signed ? b : b & BYTE;
    }

    private void loadGroup(MemorySegment[] operands, long group, MemorySegment s) {
        int zero = p.xZero() < 0 ? 0 : integer(operands[p.xZero()], 0, p.signedX());
        int count = (int) (p.inputChannels() * p.window().pixels());
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

    private void sumPlane(MemorySegment[] operands, int channel, MemorySegment s) {
        for (int i = 0; i < p.window().windows(); i++) {
            s.set(I32, sumsOffset + (long) i * Integer.BYTES, 0);
        }
        int zero = p.weightZero() < 0
                ? 0
                : integer(operands[p.weightZero()], p.weightZeroPerChannel() ? channel : 0, p.signedW());
        int taps = (int) p.window().taps();
        long pixels = p.window().pixels();
        boolean identity = p.window().isIdentity();
        for (int c = 0; c < p.inputChannels(); c++) {
            long plane = c * pixels * Integer.BYTES;
            long at = ((long) channel * p.inputChannels() + c) * taps;
            for (int t = 0; t < taps; t++) {
                int weight = integer(operands[p.weights()], at + t, p.signedW()) - zero;
                if (weight == 0) {
                    continue;
                }
                if (identity) {
                    addRow(s, weight, plane, 1, (int) pixels, sumsOffset);
                } else {
                    addTap(s, weight, plane, t);
                }
            }
        }
    }

    /** Adds the products of one tap of one channel to the sums of all windows. */
    private void addTap(MemorySegment s, int weight, long plane, int tap) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        int r = tap / columns.kernel();
        int t = tap % columns.kernel();
        int firstWindow = columns.firstWindow(t);
        int count = columns.endWindow(t) - firstWindow;
        if (count <= 0) {
            return;
        }
        long column = columns.start(firstWindow) + (long) t * columns.dilation();
        for (int i = rows.firstWindow(r); i < rows.endWindow(r); i++) {
            long row = rows.start(i) + (long) r * rows.dilation();
            long from = plane + (row * columns.input() + column) * Integer.BYTES;
            long sum = sumsOffset + ((long) i * columns.output() + firstWindow) * Integer.BYTES;
            addRow(s, weight, from, columns.stride(), count, sum);
        }
    }

    private void store(MemorySegment[] operands, long plane, int channel, MemorySegment s) {
        MemorySegment y = operands[p.output()];
        long count = p.window().windows();
        Requantisation q = p.requantisation();
        if (q == null) {
            MemorySegment.copy(s, sumsOffset, y, plane * count * Integer.BYTES, count * Integer.BYTES);
            return;
        }
        float scale = operands[q.weightScale()].get(F32, q.weightScalePerChannel() ? (long) channel * Float.BYTES : 0);
        float factor = operands[q.xScale()].get(F32, 0) * scale / operands[q.yScale()].get(F32, 0);
        int bias = q.bias() < 0 ? 0 : operands[q.bias()].get(I32, (long) channel * Integer.BYTES);
        float zero = integer(operands[q.yZero()], 0, q.signedY());
        int min = q.signedY() ? Byte.MIN_VALUE : 0;
        int max = q.signedY() ? Byte.MAX_VALUE : BYTE;
        for (int i = 0; i < count; i++) {
            float quotient = (s.get(I32, sumsOffset + (long) i * Integer.BYTES) + bias) * factor;
            double value = Math.rint(quotient) + zero;
            // NaN becomes the smallest number.
            int result = value >= min ? (int) Math.min(value, max) : min;
            y.set(I8, plane * count + i, (byte) result);
        }
    }
}
