package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * A network of inverted residuals with squeeze and excitation. Batch normalisation is folded into convolutions, and SiLU is two
 * nodes, as exporters write them.
 *
 * @param image the height and width of the image
 * @param stem the channels of the first convolution
 * @param stages the stages
 * @param head the channels of the last convolution
 * @param classes the number of classes
 */
record EfficientNet(int image, int stem, List<Stage> stages, int head, int classes) implements Network {
    /** The sizes of EfficientNet-B0. */
    static final EfficientNet B0 = new EfficientNet(
            224,
            32,
            List.of(
                    new Stage(1, 16, 1, 1, 3),
                    new Stage(6, 24, 2, 2, 3),
                    new Stage(6, 40, 2, 2, 5),
                    new Stage(6, 80, 3, 2, 3),
                    new Stage(6, 112, 3, 1, 5),
                    new Stage(6, 192, 4, 2, 5),
                    new Stage(6, 320, 1, 1, 3)),
            1280,
            1000);

    /**
     * Blocks of one size.
     *
     * @param expansion how many times as many channels there are inside
     * @param channels the channels of the result
     * @param blocks the number of blocks
     * @param stride the stride of the first one
     * @param kernel the window of depthwise convolutions
     */
    record Stage(int expansion, int channels, int blocks, int stride, int kernel) {}

    /** Sums that a SiLU follows: it leaves a quarter to a half of the mean square. */
    private static final double SILU = 2.4;

    /** Gates halve numbers, and a quarter of the mean square is left. */
    private static final double GATED = 4;

    @Override
    public Graph graph(Layers l) {
        Value pixels = l.input("input", DType.FLOAT32, 1, 3, image, image);
        Value x = l.silu(l.conv(pixels, stem, 3, 2, SILU));
        for (Stage stage : stages) {
            for (int i = 0; i < stage.blocks(); i++) {
                x = block(l, x, stage, i == 0 ? stage.stride() : 1);
            }
        }
        Value last = l.silu(l.conv(x, head, 1, 1, SILU));
        return l.output("output", l.gemm(l.along(1, "Flatten", l.node("GlobalAveragePool", last)), classes));
    }

    private static Value block(Layers l, Value x, Stage stage, long stride) {
        long channels = Layers.size(x, 1);
        Value wide = stage.expansion() == 1 ? x : l.silu(l.conv(x, stage.expansion() * channels, 1, 1, SILU));
        Value seen = l.silu(l.depthwise(wide, stage.kernel(), stride, SILU));
        Value squeezed = l.silu(l.conv(l.node("GlobalAveragePool", seen), Math.max(1, channels / 4), 1, 1, 1));
        Value gate = l.node("Sigmoid", l.conv(squeezed, Layers.size(seen, 1), 1, 1, 1));
        Value narrow = l.conv(l.node("Mul", gate, seen), stage.channels(), 1, 1, GATED);
        return stride == 1 && channels == stage.channels() ? l.node("Add", narrow, x) : narrow;
    }
}
