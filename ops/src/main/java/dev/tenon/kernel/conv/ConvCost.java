package dev.tenon.kernel.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * What the ways to compute a dense convolution with windows of 3 x 3 cost, so that weights are laid out for the cheapest:
 * the product of windows and weights, or minimal filtering in tiles of 2 x 2 or 4 x 4 elements of the result
 * ({@link WinogradPoints}), which multiplies less, moves more, and reads more weights. Costs are in multiply-adds of a
 * vector. What a kernel of each layout takes beside its multiply-adds was fitted to measurements.
 *
 * @param lanes the windows that a vector holds, 1 where it holds channels of the result
 * @param move what moving an element of a tile to and fro costs
 * @param weight what it costs to bring a weight of far memory
 * @param near the bytes of weights that stay near from use to use, and cost nothing more
 * @param product how much less than its peak the product reaches
 * @param readsFar whether the product, too, brings its weights when those of tiles are far
 */
public record ConvCost(int lanes, double move, double weight, long near, double product, boolean readsFar) {
    private static final List<Integer> TILES = List.of(2, 4);
    private static final int LEAST_CHANNELS = 12;
    private static final long LIKELY_SIDE = 64;
    private static final long NEAR_WEIGHTS = 1 << 19;

    /**
     * The costs of planes whose channels lie behind the instances.
     *
     * @param lanes the float32 lanes of a vector
     */
    static ConvCost channelsFirst(int lanes) {
        return new ConvCost(lanes, 40, Float.BYTES / 3.3, 0, 1.1, false);
    }

    /** The costs of planes whose channels lie last, for vectors of one lane, as only their ratios count. */
    public static ConvCost channelsLast() {
        return new ConvCost(1, 20, Float.BYTES / 0.125, NEAR_WEIGHTS, 1, true);
    }

    /**
     * The tiles that pay most.
     *
     * @param op a convolution
     * @param step its operands, of which the weights are constant and the input's shape may be unknown
     * @param rows the axis of the input's rows, before that of its columns
     * @param asked whether minimal filtering is asked for, so that it need not pay
     * @return 2 or 4, or 0 if the product is best, or the only way
     */
    public int tile(Conv op, KernelRequest step, int rows, boolean asked) {
        Tensor w = step.constant(1);
        if (!admits(op, w, step.capabilities())) {
            return 0;
        }
        Shape x = step.inputs().getFirst() == null
                ? null
                : step.inputs().getFirst().shape();
        long height = side(x, rows);
        long width = side(x, rows + 1);
        int best = 0;
        double least = asked ? Double.MAX_VALUE : 1;
        for (int tile : TILES) {
            double ratio = ratio(tile, w.dim(1), w.dim(0) / op.group(), height, width);
            if (ratio < least) {
                least = ratio;
                best = tile;
            }
        }
        return best;
    }

    /** Whether a convolution can be computed by minimal filtering within what Conv's numerics allow. */
    private static boolean admits(Conv op, Tensor w, Capabilities c) {
        // An error is relative to all that a tile sees. With padding of at most 1 an output sees four of the nine taps
        // at least. For operands of like magnitude and LEAST_CHANNELS or more channels errors then stay below half of
        // what Conv's Numerics allows; with the points 1 and 2, whose transforms amplify three times as much, they
        // don't.
        return c.vector()
                && c.reassociates()
                && w != null
                && w.dtype() == DType.FLOAT32
                && w.rank() == 4
                && w.dim(2) == WinogradPoints.KERNEL
                && w.dim(3) == WinogradPoints.KERNEL
                && Math.min(w.dim(0) / op.group(), w.dim(1)) >= LEAST_CHANNELS
                && op.window().strides().stream().allMatch(s -> s == 1)
                && op.window().dilations().stream().allMatch(d -> d == 1)
                && op.window().pads().stream().allMatch(pad -> pad <= 1)
                && WinogradPoints.admits(w);
    }

    private static long side(Shape x, int axis) {
        return x != null && x.hasRank() && x.rank() == 4 && x.dim(axis).isKnown()
                ? x.dim(axis).value()
                : LIKELY_SIDE;
    }

    /** About how long minimal filtering takes beside the product. */
    double ratio(int tile, long inputs, long outputs, long height, long width) {
        double weights = (double) inputs * outputs;
        double elements = (tile + 2.0) * (tile + 2);
        double tiles = vectors(Math.ceilDiv(height, tile) * Math.ceilDiv(width, tile));
        double far = elements * weights * Float.BYTES <= near ? 0 : weight * weights;
        double filtering = weights * tiles + move * (inputs + outputs) * tiles + far;
        double windows = product * weights * vectors(height * width) + (readsFar ? far : 0);
        return elements * filtering / (WinogradPoints.TAPS * windows);
    }

    private long vectors(long count) {
        return Math.ceilDiv(count, lanes);
    }
}
