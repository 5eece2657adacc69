package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
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
    private final ByteWindows windows;
    private final RowPartition partition;

    /**
     * The kernel of a problem.
     *
     * @param p a convolution whose weights are not packed
     */
    public ScalarQuantizedConv(QuantizedConvProblem p) {
        this.p = p;
        windows = new ByteWindows(p.shape(), p.signedX(), p.signedW());
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

    private static float real(MemorySegment m, long channel) {
        boolean single = m.byteSize() == Float.BYTES;
        return m.get(ValueLayout.JAVA_FLOAT, single ? 0 : channel * Float.BYTES);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        float unit = real(operands[Y_SCALE], 0);
        float scale = real(operands[1], 0);
        float zero = ByteWindows.integer(operands[Y_ZERO], 0, p.signedY());
        int least = p.signedY() ? Byte.MIN_VALUE : 0;
        int xZero = ByteWindows.integer(operands[X_ZERO], 0, p.signedX());
        MemorySegment zeros = operands[WEIGHT_ZERO];
        for (long i = partition.start(from); i < partition.start(to); i++) {
            for (int m = 0; m < p.allOutputs(); m++) {
                int wZero = ByteWindows.integer(zeros, zeros.byteSize() == 1 ? 0 : m, p.signedW());
                int sum = windows.sum(operands[0], operands[p.weights()], i, m, xZero, wZero);
                if (p.hasBias()) {
                    sum += operands[BIAS].get(ValueLayout.JAVA_INT, (long) m * Integer.BYTES);
                }
                float factor = scale * real(operands[p.weights() + 1], m) / unit;
                double result = limited(Math.rint(sum * factor) + zero, least);
                if (p.residual() != null) {
                    MemorySegment other = operands[p.residual().operand()];
                    int added = ByteWindows.integer(other, i * p.allOutputs() + m, p.signedY());
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
}
