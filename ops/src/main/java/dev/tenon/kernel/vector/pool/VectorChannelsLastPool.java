package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Channels-last maxima and averages of windows of float32 images, a vector of channels at a time. The last vector of a pixel
 * overlaps the one before it: the elements of both are computed twice. Taps outside the image are left out. Averages sum blocks
 * of taps, which keeps global averages accurate.
 */
public final class VectorChannelsLastPool implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZEROS = new float[2];
    private static final long PART_WORK = 200_000;
    private static final int TAPS_PER_NANO = 10;

    /** Roughly the taps of one chain of additions. */
    private static final int CHAIN_TAPS = 64;

    private final ChannelsLastPoolProblem p;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final long pixelBytes;
    private final long lineBytes;

    /** Bytes from a tap to the next of its row, and from a row of taps to the next. */
    private final long tapStep;

    private final long lineStep;
    private final RowPartition partition;

    private VectorChannelsLastPool(ChannelsLastPoolProblem p) {
        this.p = p;
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        pixelBytes = (long) p.channels() * Float.BYTES;
        lineBytes = columnAxis.input() * pixelBytes;
        tapStep = columnAxis.dilation() * pixelBytes;
        lineStep = rowAxis.dilation() * lineBytes;
        partition = RowPartition.of(
                p.instances() * p.window().windows(), p.channels() * p.window().taps(), PART_WORK);
    }

    /**
     * The kernel of a problem.
     *
     * @param p the pooling; a pixel has at least one vector of channels
     * @return the kernel
     */
    public static Kernel of(ChannelsLastPoolProblem p) {
        return new VectorChannelsLastPool(p);
    }

    @Override
    public String id() {
        return "pool_f32_last_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * p.channels() * p.window().taps() / TAPS_PER_NANO;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long window = partition.start(from); window < partition.start(to); window++) {
            long line = window / columnAxis.output();
            int column = (int) (window - line * columnAxis.output());
            int row = (int) (line % rowAxis.output());
            int firstRow = rowAxis.firstTap(row);
            int rows = Math.max(0, rowAxis.endTap(row) - firstRow);
            int firstColumn = columnAxis.firstTap(column);
            int columns = Math.max(0, columnAxis.endTap(column) - firstColumn);
            long top = line / rowAxis.output() * rowAxis.input()
                    + rowAxis.start(row)
                    + (long) firstRow * rowAxis.dilation();
            long left = columnAxis.start(column) + (long) firstColumn * columnAxis.dilation();
            long at = top * lineBytes + left * pixelBytes;
            if (p.average()) {
                long taps = p.countPadding()
                        ? (long) rowAxis.paddedTaps(row) * columnAxis.paddedTaps(column)
                        : (long) rows * columns;
                average(operands[0], at, rows, columns, taps, operands[1], window * pixelBytes);
            } else {
                max(operands[0], at, rows, columns, operands[1], window * pixelBytes);
            }
        }
    }

    private void max(MemorySegment x, long at, int rows, int columns, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (int c = 0; c < p.channels(); c += LANES) {
            long channel = (long) Math.min(c, p.channels() - LANES) * Float.BYTES;
            FloatVector max = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            for (int r = 0; r < rows; r++) {
                long xOffset = at + channel + r * lineStep;
                for (int t = 0; t < columns; t++, xOffset += tapStep) {
                    max = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                            .max(max);
                }
            }
            FLOATS.cast(max).intoMemorySegment(y, to + channel, ORDER);
        }
    }

    private void average(MemorySegment x, long at, int rows, int columns, long taps, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        int lines = Math.max(1, CHAIN_TAPS / Math.max(1, columns));
        for (int c = 0; c < p.channels(); c += LANES) {
            long channel = (long) Math.min(c, p.channels() - LANES) * Float.BYTES;
            FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
            for (int first = 0; first < rows; first += lines) {
                FloatVector chain = FloatVector.broadcast(F32, ZEROS[1]);
                for (int r = first; r < Math.min(rows, first + lines); r++) {
                    long xOffset = at + channel + r * lineStep;
                    for (int t = 0; t < columns; t++, xOffset += tapStep) {
                        chain = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                                .add(chain);
                    }
                }
                sum = FLOATS.cast(chain).add(sum);
            }
            FLOATS.cast(sum).div((float) taps).intoMemorySegment(y, to + channel, ORDER);
        }
    }
}
