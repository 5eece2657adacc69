package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Convolution of bytes with channels last, one product after the other. Its operands are those of QLinearConv, not packed.
 * Sums are int32 and wrap around.
 */
public final class ScalarQuantizedConv implements Kernel {
    private static final long PART_WORK = 400_000;
    private static final int BYTE = 0xFF;
    private static final int X_ZERO = 2;
    private static final int WEIGHT_ZERO = 5;
    private static final int Y_SCALE = 6;
    private static final int Y_ZERO = 7;
    private static final int BIAS = 8;

    private final QuantizedConvProblem p;
    private final RowPartition partition;

    /**
     * The kernel of a problem.
     *
     * @param p a convolution whose weights are not packed
     */
    public ScalarQuantizedConv(QuantizedConvProblem p) {
        this.p = p;
        long work = p.window().taps() * p.inputChannels() * p.allOutputs();
        partition = RowPartition.of(p.instances() * p.window().windows(), Math.max(1, work), PART_WORK);
    }

    @Override
    public String id() {
        return "conv_i8_last_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * p.window().taps() * p.inputChannels() * p.allOutputs();
    }

    private static int integer(MemorySegment m, long at, boolean signed) {
        byte value = m.get(ValueLayout.JAVA_BYTE, at);
        return signed ? value : value & BYTE;
    }

    private static float real(MemorySegment m, long channel) {
        boolean single = m.byteSize() == Float.BYTES;
        return m.get(ValueLayout.JAVA_FLOAT, single ? 0 : channel * Float.BYTES);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        float unit = real(operands[Y_SCALE], 0);
        float scale = real(operands[1], 0);
        float zero = integer(operands[Y_ZERO], 0, p.signedY());
        int least = p.signedY() ? Byte.MIN_VALUE : 0;
        for (long i = partition.start(from); i < partition.start(to); i++) {
            for (int m = 0; m < p.allOutputs(); m++) {
                int sum = sum(operands, i, m);
                if (p.hasBias()) {
                    sum += operands[BIAS].get(ValueLayout.JAVA_INT, (long) m * Integer.BYTES);
                }
                float factor = scale * real(operands[p.weights() + 1], m) / unit;
                double result = limited(Math.rint(sum * factor) + zero, least);
                if (p.residual() != null) {
                    MemorySegment other = operands[p.residual().operand()];
                    int added = integer(other, i * p.allOutputs() + m, p.signedY());
                    result = limited(Math.rint(p.residual().sum((float) result, added)), least);
                }
                operands[p.output()].set(ValueLayout.JAVA_BYTE, i * p.allOutputs() + m, (byte) result);
            }
        }
    }

    /** A number within the range of bytes. NaN becomes the smallest number. */
    private static double limited(double value, int least) {
        return value >= least ? Math.min(value, least + BYTE) : least;
    }

    /** The sum of products of a window and an output channel. */
    private int sum(MemorySegment[] operands, long result, int channel) {
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        long instance = result / p.window().windows();
        int line = (int) (result % p.window().windows() / across.output());
        int column = (int) (result % across.output());
        int xZero = integer(operands[X_ZERO], 0, p.signedX());
        MemorySegment zeros = operands[WEIGHT_ZERO];
        int wZero = integer(zeros, zeros.byteSize() == 1 ? 0 : channel, p.signedW());
        int group = channel / p.outputChannels();
        int sum = 0;
        for (int r = down.firstTap(line); r < down.endTap(line); r++) {
            long row = instance * down.input() + down.start(line) + (long) r * down.dilation();
            for (int t = across.firstTap(column); t < across.endTap(column); t++) {
                long pixel = row * across.input() + across.start(column) + (long) t * across.dilation();
                long x = pixel * p.allInputs() + (long) group * p.inputChannels();
                long w = (long) channel * p.inputChannels() * p.window().taps() + (long) r * across.kernel() + t;
                for (int c = 0; c < p.inputChannels(); c++) {
                    int weight =
                            integer(operands[p.weights()], w + c * p.window().taps(), p.signedW());
                    sum += (integer(operands[0], x + c, p.signedX()) - xZero) * (weight - wZero);
                }
            }
        }
        return sum;
    }
}
