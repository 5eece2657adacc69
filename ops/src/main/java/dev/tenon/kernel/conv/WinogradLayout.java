package dev.tenon.kernel.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.MicroTile;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
    /** The id of the kernel that reads it. */
    public static final String KERNEL = "conv_f32_winograd_vector";

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int TAPS = WinogradPoints.TAPS;
    private static final long MOST_BYTES = 1L << 30;

    /**
     * The layout for a convolution.
     *
     * @param op the convolution
     * @param step its operands, of which the input's shape may be unknown
     * @return the layout that pays most, even if it does not pay where the kernel is asked for; or {@link Layout#ROW_MAJOR}
     */
    public static Layout of(Conv op, KernelRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        int lanes = Math.max(1, c.vectorBits() / Float.SIZE);
        int tile = ConvCost.channelsFirst(lanes).tile(op, step, 2, c.asks(KERNEL));
        if (tile == 0) {
            return ROW_MAJOR;
        }
        WinogradLayout layout =
                new WinogradLayout(tile, (int) op.group(), MicroTile.of(c).rows(), lanes);
        return layout.bytes(w.dim(1), w.dim(0) / op.group()) > MOST_BYTES ? ROW_MAJOR : layout;
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
