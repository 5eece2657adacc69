package dev.tenon.kernel.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Ratios;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * A cost model of dense 3 x 3 convolutions with channels last. It compares the two ways to compute them, so that weights
 * are packed for the cheaper one: as a matrix product of windows and weights, or by Winograd's minimal filtering in output
 * tiles of 2 x 2 or 4 x 4 ({@link WinogradPoints}), which multiplies less, but transforms data and reads more weights. Costs
 * are in multiply-adds. A transform takes the vectors that products take, so that its cost does not depend on their width; a
 * load takes a time, in which wide vectors multiply more.
 */
public final class ConvCostModel {
    private static final int MIN_CHANNELS = 12;
    private static final long ASSUMED_SIDE = 64;

    /**
     * Transformed weights of up to so many bytes stay in a cache and cost nothing to load. A stated size and not that of a
     * cache of the machine: both ways to compute a convolution round differently.
     */
    private static final long CACHED_WEIGHT_BYTES = 1 << 19;

    /** The cost to transform one element of a tile. */
    private static final double TRANSFORM_COST = 15;

    /**
     * How a tier does minimal filtering.
     *
     * @param tiles the rows of the output tiles that it has
     * @param weightLoadNanos the time to load one weight from beyond the caches
     * @param maxInputs the most input channels of an image: the tier keeps all channels of some tiles
     */
    public record Filtering(List<Integer> tiles, double weightLoadNanos, long maxInputs) {
        /** A tier that has no such kernel. */
        public static final Filtering NONE = new Filtering(List.of(), 0, 0);

        /** The assembled tier. */
        public static final Filtering ASSEMBLED = new Filtering(List.of(2, 4), 0.5, Long.MAX_VALUE);

        /** The vector tier. */
        public static final Filtering VECTOR = new Filtering(List.of(4), 0.75, 8192);
    }

    private ConvCostModel() {}

    /**
     * The output tile that makes the convolution cheapest.
     *
     * @param op a convolution
     * @param step its operands; the weights are constant, the shape of the input may be unknown
     * @param filtering how the tier does minimal filtering
     * @param forced whether minimal filtering is asked for even if it is slower
     * @return 2 or 4; 0 if the matrix product is cheaper, or the convolution admits nothing else
     */
    public static int bestTile(Conv op, KernelRequest step, Filtering filtering, boolean forced) {
        Tensor w = step.constant(1);
        if (!isWinogradAllowed(op, w, step.capabilities()) || w.dim(1) > filtering.maxInputs()) {
            return 0;
        }
        Shape x = step.inputs().getFirst() == null
                ? null
                : step.inputs().getFirst().shape();
        long height = side(x, 1);
        long width = side(x, 2);
        Ratios ratios = step.capabilities().ratios();
        int best = 0;
        double lowest = forced ? Double.MAX_VALUE : 1;
        for (int tile : filtering.tiles()) {
            double ratio = costRatio(tile, filtering, ratios, w.dim(1), w.dim(0) / op.group(), height, width);
            if (ratio < lowest) {
                lowest = ratio;
                best = tile;
            }
        }
        return best;
    }

    /** Whether minimal filtering can compute a convolution within the accuracy that Conv promises. */
    private static boolean isWinogradAllowed(Conv op, Tensor w, Capabilities c) {
        // The error of a result is relative to everything that its tile reads. With padding of at most 1 an output
        // reads at least four of nine taps. For operands of like magnitude and MIN_CHANNELS or more channels the error
        // then stays below half of what Conv's Numerics allow. The points 1 and 2 amplify three times as much and would
        // exceed that.
        return c.panelColumns() > 0
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

    /** The estimated time of minimal filtering, relative to that of the matrix product. */
    static double costRatio(
            int tile,
            Filtering filtering,
            Ratios ratios,
            long inputChannels,
            long outputChannels,
            long height,
            long width) {
        double weights = (double) inputChannels * outputChannels;
        double elements = (tile + 2.0) * (tile + 2);
        double tiles = Math.ceilDiv(height, tile) * Math.ceilDiv(width, tile);
        double weightLoads = elements * weights * Float.BYTES <= CACHED_WEIGHT_BYTES
                ? 0
                : filtering.weightLoadNanos() * ratios.multiplyAddsPerNano() * weights;
        double winograd = weights * tiles + TRANSFORM_COST * (inputChannels + outputChannels) * tiles + weightLoads;
        double gemm = weights * height * width + weightLoads;
        return elements * winograd / (WinogradPoints.TAPS * gemm);
    }
}
