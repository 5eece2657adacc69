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
 * Weights {@code [m, c, 3, 3]} of a convolution, transformed for Winograd's minimal filtering: {@code G w G'} of each
 * kernel, for output tiles of {@code tile} x {@code tile}, with the points of {@link WinogradPoints}.
 *
 * <p>The order, outermost first: group, block of {@code rows} output channels, element of a transformed kernel ({@code
 * (tile + 2)}<sup>2</sup> of them), output channel of the block, input channel. The input channels are padded with
 * zeros to a multiple of {@code lanes}.
 *
 * @param tile 2 or 4
 * @param groups the number of groups of channels
 * @param rows output channels of a block
 * @param lanes the number that input channels are padded to a multiple of
 */
public record WinogradLayout(int tile, int groups, int rows, int lanes) implements Layout {
    /** The id of the kernel that reads this layout. */
    public static final String KERNEL_ID = "conv_f32_winograd_vector";

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int TAPS = WinogradPoints.TAPS;
    private static final long MAX_BYTES = 1L << 30;

    /**
     * Chooses the layout of a convolution's weights.
     *
     * @param op the convolution
     * @param step its operands; the shape of the input may be unknown
     * @return the layout of the cheapest output tile; {@link Layout#ROW_MAJOR} if minimal filtering does not pay and
     *     its kernel is not asked for, or if it is not possible
     */
    public static Layout of(Conv op, KernelRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        int lanes = Math.max(1, c.vectorBits() / Float.SIZE);
        int tile = c.vector() ? ConvCostModel.channelsFirst(lanes).bestTile(op, step, 2, c.isRequested(KERNEL_ID)) : 0;
        if (tile == 0) {
            return ROW_MAJOR;
        }
        WinogradLayout layout =
                new WinogradLayout(tile, (int) op.group(), MicroTile.of(c).rows(), lanes);
        return layout.bytes(w.dim(1), w.dim(0) / op.group()) > MAX_BYTES ? ROW_MAJOR : layout;
    }

    @Override
    public String id() {
        return "winograd" + tile + "x" + tile + "g" + groups + "r" + rows + "l" + lanes;
    }

    /** The elements of a row: the input channels with their padding. */
    private static long rowElements(long inputs, int lanes) {
        return Math.ceilDiv(inputs, lanes) * lanes;
    }

    private long bytes(long inputs, long outputs) {
        long elements = (tile + 2L) * (tile + 2L);
        return groups * Math.ceilDiv(outputs, rows) * elements * rows * rowElements(inputs, lanes) * Float.BYTES;
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
        long row = rowElements(inputs, lanes);
        target.fill((byte) 0);
        float[] filters = new float[inputs * TAPS];
        WinogradPoints points = WinogradPoints.of(tile);
        double[] transformed = new double[points.elements()];
        long block = (long) width * width * rows * row;
        for (int m = 0; m < outputs * groups; m++) {
            MemorySegment.copy(
                    source.segment(), F32, (long) m * filters.length * Float.BYTES, filters, 0, filters.length);
            int channel = m % outputs;
            long at =
                    (m / outputs * (long) Math.ceilDiv(outputs, rows) + channel / rows) * block + channel % rows * row;
            for (int c = 0; c < inputs; c++) {
                points.transform(filters, c * TAPS, transformed);
                for (int e = 0; e < transformed.length; e++) {
                    target.set(F32, (at + (long) e * rows * row + c) * Float.BYTES, (float) transformed[e]);
                }
            }
        }
    }
}
