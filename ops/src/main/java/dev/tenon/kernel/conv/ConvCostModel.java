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
public record ConvCostModel(
        int vectorLanes,
        double transformCost,
        double weightLoadCost,
        long cachedWeightBytes,
        double gemmOverhead,
        boolean gemmLoadsWeights) {
    private static final List<Integer> TILES = List.of(2, 4);
    private static final int MIN_CHANNELS = 12;
    private static final long ASSUMED_SIDE = 64;
    private static final long CACHED_WEIGHT_BYTES = 1 << 19;

    /**
     * The costs of planes whose channels lie behind the instances.
     *
     * @param lanes the float32 lanes of a vector
     */
    static ConvCostModel channelsFirst(int lanes) {
        return new ConvCostModel(lanes, 40, Float.BYTES / 3.3, 0, 1.1, false);
    }

    /** The costs of planes whose channels lie last, for vectors of one lane, as only their ratios count. */
    public static ConvCostModel channelsLast() {
        return new ConvCostModel(1, 20, Float.BYTES / 0.125, CACHED_WEIGHT_BYTES, 1, true);
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
    public int bestTile(Conv op, KernelRequest step, int rowAxis, boolean forced) {
        Tensor w = step.constant(1);
        if (!isWinogradAllowed(op, w, step.capabilities())) {
            return 0;
        }
        Shape x = step.inputs().getFirst() == null
                ? null
                : step.inputs().getFirst().shape();
        long height = side(x, rowAxis);
        long width = side(x, rowAxis + 1);
        int best = 0;
        double lowest = forced ? Double.MAX_VALUE : 1;
        for (int tile : TILES) {
            double ratio = costRatio(tile, w.dim(1), w.dim(0) / op.group(), height, width);
            if (ratio < lowest) {
                lowest = ratio;
                best = tile;
            }
        }
        return best;
    }

    /** Whether a convolution can be computed by minimal filtering within what Conv's numerics allow. */
    private static boolean isWinogradAllowed(Conv op, Tensor w, Capabilities c) {
        // An error is relative to all that a tile sees. With padding of at most 1 an output sees four of the nine taps
        // at least. For operands of like magnitude and LEAST_CHANNELS or more channels errors then stay below half of
        // what Conv's Numerics allows; with the points 1 and 2, whose transforms amplify three times as much, they
        // don't.
        return c.vector()
                && c.reassociates()
                && w != null
                && w.dtype() == DType.FLOAT32
                && w.rank() == 4
                && w.dim(2) == WinogradPoints.SIDE
                && w.dim(3) == WinogradPoints.SIDE
                && Math.min(w.dim(0) / op.group(), w.dim(1)) >= MIN_CHANNELS
                && op.window().strides().stream().allMatch(s -> s == 1)
                && op.window().dilations().stream().allMatch(d -> d == 1)
                && op.window().pads().stream().allMatch(pad -> pad <= 1)
                && WinogradPoints.isTransformable(w);
    }

    private static long side(Shape x, int axis) {
        return x != null && x.hasRank() && x.rank() == 4 && x.dim(axis).isKnown()
                ? x.dim(axis).value()
                : ASSUMED_SIDE;
    }

    /** About how long minimal filtering takes beside the product. */
    double costRatio(int tile, long inputChannels, long outputChannels, long height, long width) {
        double weights = (double) inputChannels * outputChannels;
        double elements = (tile + 2.0) * (tile + 2);
        double tiles = vectors(Math.ceilDiv(height, tile) * Math.ceilDiv(width, tile));
        double weightLoads = elements * weights * Float.BYTES <= cachedWeightBytes ? 0 : weightLoadCost * weights;
        double winograd = weights * tiles + transformCost * (inputChannels + outputChannels) * tiles + weightLoads;
        double gemm = gemmOverhead * weights * vectors(height * width) + (gemmLoadsWeights ? weightLoads : 0);
        return elements * winograd / (WinogradPoints.TAPS * gemm);
    }

    private long vectors(long count) {
        return Math.ceilDiv(count, vectorLanes);
    }
}
