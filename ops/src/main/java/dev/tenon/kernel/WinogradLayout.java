package dev.tenon.kernel;

import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Weights {@code [m, c, 3, 3]} of a convolution as minimal filtering multiplies them: {@code G w G'} of each kernel, for
 * tiles of {@code tile} x {@code tile} elements of the output, with the points of {@link WinogradPoints}.
 *
 * <p>For each group and each {@code rows} of its output channels: for each of the {@code (tile + 2)}<sup>2</sup> elements
 * of a transformed kernel a matrix of that many rows, each the group's input channels filled up with zeros to a multiple
 * of {@code lanes}.
 *
 * @param tile 2 or 4
 * @param groups the number of groups of channels
 * @param rows output channels that lie together
 * @param lanes what a row is a multiple of
 */
public record WinogradLayout(int tile, int groups, int rows, int lanes) implements Layout {
    // Errors of a result are relative to all that its tile sees, see WinogradPoints. With padding of at most 1 an
    // output
    // sees four of the nine taps at least, and for operands of like magnitude and LEAST_CHANNELS or more channels
    // errors
    // stay below half of what Conv's Numerics allows; they do not with the points 1 and 2, whose transforms amplify
    // three
    // times as much.

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int KERNEL = WinogradPoints.KERNEL;
    private static final int TAPS = WinogradPoints.TAPS;
    private static final int LEAST_CHANNELS = 12;
    private static final long MOST_BYTES = 1L << 30;

    /** What moving an element of a tile to and fro costs beside a multiply-add of a vector. */
    private static final double TRANSFORM = 40;

    /** Bytes of weights that come from a distant cache in the time of a multiply-add of a vector. */
    private static final double WEIGHT_BYTES = 3.3;

    /** How much less than its peak the direct kernel reaches. */
    private static final double DIRECT = 1.1;

    /**
     * The layout for a convolution.
     *
     * @param op the convolution
     * @param step its operands, of which the input's shape may be unknown
     * @return the layout that pays most, even if it does not pay where the kernel is asked for; or {@link Layout#ROW_MAJOR}
     */
    static Layout of(Conv op, StepRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        if (!c.vector() || !c.reassociates() || w == null || w.dtype() != DType.FLOAT32 || w.rank() != 4) {
            return ROW_MAJOR;
        }
        long inputs = w.dim(1);
        long outputs = w.dim(0) / op.group();
        boolean plain = isOnes(op.window().strides())
                && isOnes(op.window().dilations())
                && op.window().pads().stream().allMatch(pad -> pad <= 1);
        if (!plain || w.dim(2) != KERNEL || w.dim(3) != KERNEL || Math.min(inputs, outputs) < LEAST_CHANNELS) {
            return ROW_MAJOR;
        }
        if (!WinogradPoints.admits(w)) {
            return ROW_MAJOR;
        }
        Shape x = step.inputs().getFirst() == null
                ? null
                : step.inputs().getFirst().shape();
        boolean known = x != null
                && x.hasRank()
                && x.rank() == 4
                && x.dim(2).isKnown()
                && x.dim(3).isKnown();
        int best = 0;
        double least = c.asks(ConvKernels.WINOGRAD) ? Double.MAX_VALUE : 1;
        int lanes = c.vectorBits() / Float.SIZE;
        for (int tile : new int[] {2, 4}) {
            double ratio = known
                    ? cost(
                            tile,
                            lanes,
                            inputs,
                            outputs,
                            x.dim(2).value(),
                            x.dim(3).value())
                    : cost(tile, lanes, inputs, outputs, 8L * lanes, lanes);
            if (ratio < least) {
                least = ratio;
                best = tile;
            }
        }
        WinogradLayout layout =
                new WinogradLayout(best, (int) op.group(), MicroTile.of(c).rows(), lanes);
        return best == 0 || layout.bytes(inputs, outputs) > MOST_BYTES ? ROW_MAJOR : layout;
    }

    private static boolean isOnes(List<Long> values) {
        return values.stream().allMatch(v -> v == 1);
    }

    /** About how long it takes beside the direct kernel. */
    private static double cost(int tile, int lanes, long inputs, long outputs, long height, long width) {
        long tiles = Math.ceilDiv(height, tile) * Math.ceilDiv(width, tile);
        long elements = (tile + 2L) * (tile + 2L);
        double products = (double) elements * inputs * outputs * Math.ceilDiv(tiles, lanes);
        double moves = TRANSFORM * elements * (inputs + outputs) * Math.ceilDiv(tiles, lanes);
        double weights = elements * inputs * outputs * Float.BYTES / WEIGHT_BYTES;
        double direct = DIRECT * TAPS * inputs * outputs * Math.ceilDiv(height * width, lanes);
        return (products + moves + weights) / direct;
    }

    @Override
    public String id() {
        return "winograd" + tile + "x" + tile + "g" + groups + "r" + rows + "l" + lanes;
    }

    /** Elements of a row. */
    private static long padded(long inputs, int lanes) {
        return Math.ceilDiv(inputs, lanes) * lanes;
    }

    private long bytes(long inputs, long outputs) {
        long elements = (tile + 2L) * (tile + 2L);
        return groups * Math.ceilDiv(outputs, rows) * elements * rows * padded(inputs, lanes) * Float.BYTES;
    }

    @Override
    public long byteSize(TensorType type) {
        return bytes(type.shape().dim(1).value(), type.shape().dim(0).value() / groups);
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int inputs = (int) source.dim(1);
        int outputs = (int) source.dim(0) / groups;
        int width = tile + 2;
        long row = padded(inputs, lanes);
        target.fill((byte) 0);
        float[] w = new float[inputs * TAPS];
        WinogradPoints points = WinogradPoints.of(tile);
        double[] u = new double[points.elements()];
        long block = (long) width * width * rows * row;
        for (int m = 0; m < outputs * groups; m++) {
            MemorySegment.copy(source.segment(), F32, (long) m * w.length * Float.BYTES, w, 0, w.length);
            int channel = m % outputs;
            long at =
                    (m / outputs * (long) Math.ceilDiv(outputs, rows) + channel / rows) * block + channel % rows * row;
            for (int c = 0; c < inputs; c++) {
                points.transform(w, c * TAPS, u);
                for (int e = 0; e < u.length; e++) {
                    target.set(F32, (at + (long) e * rows * row + c) * Float.BYTES, (float) u[e]);
                }
            }
        }
    }
}
